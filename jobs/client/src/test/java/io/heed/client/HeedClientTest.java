package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** While no broker was ever there. */
class HeedClientTest {
  private static final KafkaSettings NOBODY =
      new KafkaSettings(Map.of("bootstrap.servers", "127.0.0.1:1"));

  @Test
  void requestsEndInTimeAndLeaveNothingBehind() {
    try (HeedClient client = HeedClient.builder(NOBODY).timeout(Duration.ofMillis(200)).build()) {
      List<CompletableFuture<Permission>> requested =
          IntStream.range(0, 1_000)
              .mapToObj(i -> client.request(MessageRequest.promotional("r" + i, "c", "l")))
              .toList();
      assertThat(requested)
          .allSatisfy(
              each -> {
                Permission permission =
                    each.orTimeout(1, java.util.concurrent.TimeUnit.MINUTES).join();
                assertThat(permission.holds()).isFalse();
                assertThat(permission.problem()).isPresent();
              });
      assertThat(client.waitingForKafka()).isLessThanOrEqualTo(1);
      assertThat(client.isReady()).isFalse();
    }
  }

  @Test
  void aClosedClientAllowsNothing() {
    HeedClient client = HeedClient.builder(NOBODY).timeout(Duration.ofSeconds(1)).build();
    client.close();
    Permission permission = client.request(MessageRequest.promotional("r", "c", "l")).join();
    assertThat(permission.holds()).isFalse();
    assertThat(permission.problem()).isPresent();
  }
}
