package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ErasedRecipients;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EndsWatchTest {
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Throwable fails;

  @Test
  void anExceptionIsTriedAgainAndAnErrorFailsTheGate() throws Exception {
    try (EndsWatch watch = new EndsWatch(log(), requests::incrementAndGet, Map.of())) {
      assertThat(watch.request().at()).isEqualTo(1);
      watch.start();
      fails = new IllegalStateException("Kafka is away");
      await(() -> assertThat(requests.get()).isGreaterThan(2));
      fails = null;
      await(() -> assertThat(watch.newest().at()).isGreaterThan(2));
      fails = new NoClassDefFoundError("gone");
      await(
          () ->
              assertThatThrownBy(watch::newest)
                  .hasMessageContaining("send-gate-ends has ended")
                  .hasRootCauseMessage("gone"));
    }
  }

  private static void await(Runnable assertion) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private GateLog log() {
    return new GateLog() {
      @Override
      public ErasedRecipients erased() {
        throw new UnsupportedOperationException();
      }

      @Override
      public Ends ends(long at, Map<Part, Long> read) {
        if (fails instanceof Error error) {
          throw error;
        } else if (fails instanceof RuntimeException exception) {
          throw exception;
        }
        return new Ends(at, Map.of(), Map.of());
      }

      @Override
      public List<ConfigVersion> configuration() {
        return List.of();
      }

      @Override
      public void experiments(Consumer<ExperimentDecision> each) {}

      @Override
      public void values(Consumer<ValueModelVersion> each) {}

      @Override
      public void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each) {}

      @Override
      public void close() {}
    };
  }
}
