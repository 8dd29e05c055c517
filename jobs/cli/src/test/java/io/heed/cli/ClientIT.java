package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.TestingLocal;
import io.heed.client.HeedClient;
import io.heed.client.KafkaSettings;
import io.heed.client.LocalDecision;
import io.heed.client.MessageRequest;
import io.heed.client.Permission;
import io.heed.core.model.Category;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.Verdict;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client on the running stack: a thousand requests while the gate and the broker go away. */
class ClientIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final Duration FRESHNESS = Duration.ofSeconds(5);
  private static final int BATCH = 250;

  @TempDir private Path directory;
  private HeedClient client;
  private int sent;

  @Test
  void neverSendsWithoutAValidAllow() throws Exception {
    try (TestingLocal local = new TestingLocal(directory.resolve("stack"), TIMEOUT)) {
      // Without policies, of which some require a consent.
      Path config = Files.createDirectories(directory.resolve("config"));
      local.start(
          "--jobs", "send-gate", "--restart-delay", "12", "--config-dir", config.toString());
      String kafka = local.endpoint("Kafka");
      try (HeedClient opened =
          HeedClient.builder(new KafkaSettings(Map.of("bootstrap.servers", kafka)))
              .freshness(FRESHNESS)
              .timeout(Duration.ofSeconds(4))
              .build()) {
        client = opened;
        await("the gate is ready").until(client::isReady);
        allAreSent("everything works", 0, BATCH);
        List<Permission> held = new ArrayList<>();
        await("two that hold")
            .until(
                () -> {
                  held.clear();
                  held.addAll(request(BATCH, BATCH + 2));
                  return held.stream().allMatch(Permission::holds);
                });
        optOutClosesWhatWasAllowed(held.get(0));

        local.kill("FlinkServer");
        List<Permission> gateAway = request(2 * BATCH, 3 * BATCH);
        assertThat(send(gateAway)).as("the gate is away").isZero();
        assertThat(gateAway).allMatch(permission -> permission.problem().isPresent());
        await("the heartbeat is stale").until(() -> !held.get(1).holds());
        assertThat(held.get(1).verdict()).hasValueSatisfying(ClientIT::isAllow);
        assertThat(look("r999")).isEqualTo(LocalDecision.STALE);

        await("the gate is back").until(client::isReady);
        await("its slot was kept").until(held.get(1)::holds);
        allAreSent("the same again", 2 * BATCH, 3 * BATCH);

        local.kill("KafkaServer");
        // Long enough for the client to find out that no broker is left.
        TimeUnit.SECONDS.sleep(2);
        List<Permission> brokerAway = request(3 * BATCH, 4 * BATCH);
        assertThat(send(brokerAway)).as("the broker is away").isZero();
        await("the heartbeat is stale").until(() -> !held.get(1).holds());
        assertThat(look("r999")).isEqualTo(LocalDecision.STALE);

        await("everything is back").until(client::isReady);
        allAreSent("every message of the last batch", 3 * BATCH, 4 * BATCH);
      }
      everyMessageHadItsVerdict(kafka);
      local.stop();
    }
  }

  /** On a busy machine a verdict may be late; then the same is requested again. */
  private void allAreSent(String what, int from, int to) {
    await(what).untilAsserted(() -> assertThat(send(request(from, to))).isEqualTo(to - from));
  }

  private void optOutClosesWhatWasAllowed(Permission allowed) {
    String recipient = allowed.request().recipientId();
    assertThat(look(recipient)).isEqualTo(LocalDecision.OPEN);
    client.report(new OptOut("o", now(), recipient, "*", OptOutMethod.WEB, null)).join();
    await("the opt-out arrives").until(() -> !allowed.holds());
    assertThat(look(recipient)).isEqualTo(LocalDecision.SUPPRESSED);
    await("who was texted has reached the cap").until(() -> look("r0") == LocalDecision.CAPPED);
  }

  private static void isAllow(SendVerdict verdict) {
    assertThat(verdict.verdict()).isEqualTo(Verdict.ALLOW);
  }

  private LocalDecision look(String recipient) {
    return client.lookUp(Category.PROMOTIONAL, recipient, "list-1");
  }

  private List<Permission> request(int from, int to) {
    int ahead = 13 - LocalTime.now(ZoneOffset.UTC).getHour();
    String zoneWhereItIsNoon = ahead > 0 ? "Etc/GMT-" + ahead : "Etc/GMT+" + -ahead;
    List<CompletableFuture<Permission>> requested =
        IntStream.range(from, to)
            .mapToObj(
                i ->
                    client.request(
                        MessageRequest.promotional("r" + i, "campaign", "list-1")
                            .requestId("q" + i)
                            .timeZone(zoneWhereItIsNoon)))
            .toList();
    return requested.stream().map(CompletableFuture::join).toList();
  }

  /** Sends what is allowed at the moment at which it is handed over. */
  private int send(List<Permission> permissions) {
    int before = sent;
    for (Permission permission : permissions) {
      if (permission.holds()) {
        String messageId = "m-" + permission.request().requestId();
        client.report(permission.sent(messageId, 1, 7_900)).orTimeout(1, TimeUnit.MINUTES).join();
        sent++;
      }
    }
    return sent - before;
  }

  /** By what is in Kafka: each message's request has an ALLOW that was valid when it went out. */
  private static void everyMessageHadItsVerdict(String kafka) throws Exception {
    JobOptions options = JobOptions.fromArgs("--kafka", kafka);
    Map<String, SendVerdict> allowed = new HashMap<>();
    List<Send> sends = new ArrayList<>();
    try (TopicReader reader = new TopicReader(options, "test")) {
      reader.readToEnd(
          Topic.SEND_VERDICT,
          Map.of(),
          record -> {
            SendVerdict verdict = decode(record.value(), SendVerdict.class);
            if (verdict.verdict() == Verdict.ALLOW) {
              allowed.put(verdict.requestId(), verdict);
            }
          });
      reader.readToEnd(
          Topic.SEND, Map.of(), record -> sends.add(decode(record.value(), Send.class)));
    }
    assertThat(sends.stream().map(Send::eventId).distinct()).hasSize(3 * BATCH);
    assertThat(sends)
        .allSatisfy(
            send -> {
              SendVerdict verdict = allowed.get(send.requestId());
              assertThat(verdict).as(send.requestId()).isNotNull();
              assertThat(verdict.recipientId()).isEqualTo(send.recipientId());
              assertThat(send.eventTime()).isLessThan(verdict.expiresAt());
            });
  }

  private static <T> T decode(byte[] value, Class<T> type) {
    try {
      return JsonCodec.of(type).read(value);
    } catch (UnreadableException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(TIMEOUT).pollInterval(Duration.ofMillis(100));
  }

  private static long now() {
    return System.currentTimeMillis();
  }
}
