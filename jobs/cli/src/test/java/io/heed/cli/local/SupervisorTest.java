package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.UserError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  /** A server that does nothing until its input ends. */
  static final class Idle {
    public static void main(String[] args) throws Exception {
      while (System.in.read() >= 0) {
        // Nothing is sent.
      }
    }
  }

  @TempDir private Path directory;

  @Test
  void aStartThatThrowsIsAnnouncedAndTriedAgain() throws Exception {
    List<String> notices = new CopyOnWriteArrayList<>();
    AtomicInteger starts = new AtomicInteger();
    Supervisor supervisor =
        new Supervisor(
            "Idle",
            () ->
                switch (starts.incrementAndGet()) {
                  case 2 -> throw new UserError("no port is free");
                  case 3 -> throw new NoClassDefFoundError("of a jar that was replaced");
                  default -> spec();
                },
            () -> true,
            Duration.ofMillis(10),
            notices::add);
    try {
      supervisor.start();
      supervisor.awaitHealthy();
      long first = supervisor.pid();
      ProcessHandle.of(first).orElseThrow().destroyForcibly();

      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(notices).contains("Idle is back"));
      assertThat(notices)
          .hasSize(4)
          .satisfies(
              lines -> {
                assertThat(lines.get(0)).startsWith("Idle ended unexpectedly (exit code 137)");
                assertThat(lines.get(1)).contains("could not be started", "no port is free");
                assertThat(lines.get(2)).contains("NoClassDefFoundError", "trying again in");
              });
      assertThat(supervisor.pid()).isNotEqualTo(first);
    } finally {
      supervisor.stop();
    }
  }

  private ServerProcess.Spec spec() {
    return new ServerProcess.Spec(
        "idle",
        Idle.class,
        List.of("-Xmx32m"),
        List.of(),
        true,
        Map.of(),
        directory,
        directory.resolve("idle.log"));
  }
}
