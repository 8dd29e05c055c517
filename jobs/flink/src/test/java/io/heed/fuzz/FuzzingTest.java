package io.heed.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No input makes a reader fail with anything but its own exception, or takes long: well-formed
 * ones, and inputs mutated from them, always the same ones. {@code -Dheed.fuzz.inputs=10000000}
 * takes exactly so many of each reader, {@code -Dheed.fuzz.target=NAME} only the readers whose name
 * has that in it.
 */
class FuzzingTest {
  private static final long MAX_CPU_NANOS = 100_000_000;
  private static final int REPETITIONS = 5;
  private static final int BATCH = 64;

  /** Batches that take less are not looked into. */
  private static final long SPLIT_NANOS = 10_000_000;

  private static final int INPUTS = Integer.getInteger("heed.fuzz.inputs", 0);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** No input took more CPU time. */
  private long mostNanos;

  static Stream<FuzzTarget> targets() {
    return FuzzTargets.chosen().stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void readersTakeWhateverComes(FuzzTarget target) throws Exception {
    take(target, target.seeds().toArray(byte[][]::new));
    Mutations mutations = new Mutations(0, target.seeds());
    long begun = THREADS.getCurrentThreadCpuTime();
    long readingNanos = 0;
    int inputs = INPUTS > 0 ? INPUTS : target.inputs();
    for (int left = inputs; left > 0; left -= BATCH) {
      byte[][] batch = new byte[Math.min(left, BATCH)][];
      for (int i = 0; i < batch.length; i++) {
        batch[i] = mutations.next();
      }
      readingNanos += take(target, batch);
    }
    if (INPUTS > 0) {
      double seconds = (THREADS.getCurrentThreadCpuTime() - begun) / 1e9;
      System.out.printf(
          "Fuzzed: %s, %,d inputs in %.0f s of CPU (%,.0f a second, %.0f %% of it in the reader), none"
              + " took more than %.2f ms%n",
          target, inputs, seconds, inputs / seconds, readingNanos / seconds / 1e7, mostNanos / 1e6);
    }
  }

  /**
   * Takes inputs, and gives the CPU time of all. The clock costs more than most inputs do: single
   * ones are measured only where a batch took long.
   */
  private long take(FuzzTarget target, byte[][] inputs) {
    long begun = THREADS.getCurrentThreadCpuTime();
    for (byte[] input : inputs) {
      read(target, input);
    }
    long all = THREADS.getCurrentThreadCpuTime() - begun;
    if (all <= SPLIT_NANOS) {
      mostNanos = Math.max(mostNanos, all);
      return all;
    }
    for (int i = 0; i < inputs.length && all > mostNanos; i++) {
      mostNanos = Math.max(mostNanos, leastNanos(target, inputs[i]));
    }
    return all;
  }

  /** Of a few times where it took long: the first ones may have compiled or loaded something. */
  private long leastNanos(FuzzTarget target, byte[] input) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i <= REPETITIONS && least > mostNanos; i++) {
      long begun = THREADS.getCurrentThreadCpuTime();
      read(target, input);
      least = Math.min(least, THREADS.getCurrentThreadCpuTime() - begun);
    }
    if (least > MAX_CPU_NANOS) {
      throw new AssertionError(
          target + " takes " + least / 1_000_000 + " ms of CPU on " + shown(input));
    }
    return least;
  }

  private static void read(FuzzTarget target, byte[] input) {
    try {
      target.reader().read(input);
    } catch (Exception | Error e) {
      throw new AssertionError(target + " on " + shown(input), e);
    }
  }

  private static String shown(byte[] input) {
    String shown = Base64.getEncoder().encodeToString(input);
    return input.length
        + " bytes, base64: "
        + (shown.length() > 4_000 ? shown.substring(0, 4_000) + "..." : shown);
  }
}
