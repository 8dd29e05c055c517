package io.heed.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadCpuTest {
  private final CountDownLatch worked = new CountDownLatch(2);

  @Test
  void threadsCountUnderTheirNamesWithoutTheirNumbers() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "CPU by thread is read from Linux");
    ThreadCpu measured = new ThreadCpu();
    Thread first = new Thread(() -> work(200), "busy-1");
    Thread second = new Thread(() -> work(100), "busy#22");
    first.start();
    second.start();
    // Both live until after the last poll, since what ends before one is not seen.
    worked.await();
    Map<String, Double> seconds = measured.seconds();
    first.interrupt();
    second.interrupt();
    assertThat(seconds.get("busy")).isCloseTo(0.3, within(0.1));
  }

  /** Takes CPU, then waits. */
  private void work(long millis) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    while (threads.getCurrentThreadCpuTime() < millis * 1_000_000) {
      Thread.onSpinWait();
    }
    worked.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // The test has its figures.
    }
  }

  @Test
  void figuresAreReadFromAmongOtherLines() {
    Worker.Figures figures =
        new Worker.Figures(12.5, 30.25, Map.of("gate -> (Proces", 7.5, "evaluations ->", 2.5));
    List<String> lines =
        List.of("Started", figures.toLines().replace("\n", "\n!\n"), "thread-safe", "");
    Worker.Figures read = Worker.Figures.of(String.join("\n", lines).lines().toList());
    assertThat(read).isEqualTo(figures);
    assertThat(read.share("evaluations")).isEqualTo(0.2);
    assertThat(Worker.Figures.of(List.of("Killed")).cpuSeconds()).isNaN();
  }
}
