package io.heed.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No input makes a reader fail with anything but its own exception, or takes long: well-formed
 * ones, and inputs mutated from them, always the same ones. With {@code -Dheed.fuzz.seconds=600} as
 * many more as that time has room for, shared by the readers.
 */
class FuzzingTest {
  private static final long MAX_CPU_NANOS = 100_000_000;
  private static final int REPETITIONS = 5;
  private static final int SECONDS = Integer.getInteger("heed.fuzz.seconds", 0);
  private static final List<FuzzTarget> TARGETS = FuzzTargets.all();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  static Stream<FuzzTarget> targets() {
    String only = System.getProperty("heed.fuzz.target", "");
    return TARGETS.stream().filter(target -> target.name().contains(only));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void readersTakeWhateverComes(FuzzTarget target) throws Exception {
    for (byte[] seed : target.seeds()) {
      take(target, seed);
    }
    Mutations mutations = new Mutations(SECONDS, target.seeds());
    long until = System.nanoTime() + SECONDS * 1_000_000_000L / TARGETS.size();
    long inputs = 0;
    while (inputs < target.inputs() || (SECONDS > 0 && System.nanoTime() < until)) {
      take(target, mutations.next());
      inputs++;
    }
    if (SECONDS > 0) {
      System.out.println("Fuzzed: " + target + ", " + inputs + " inputs");
    }
  }

  private static void take(FuzzTarget target, byte[] input) {
    try {
      long nanos = cpu(target, input);
      // Again, where it took long: the first times may have compiled or loaded something.
      for (int i = 0; i < REPETITIONS && nanos > MAX_CPU_NANOS; i++) {
        nanos = Math.min(nanos, cpu(target, input));
      }
      if (nanos > MAX_CPU_NANOS) {
        throw new AssertionError(nanos / 1_000_000 + " ms of CPU");
      }
    } catch (Exception | Error e) {
      String shown = Base64.getEncoder().encodeToString(input);
      throw new AssertionError(
          target
              + " on "
              + input.length
              + " bytes, base64: "
              + (shown.length() > 4_000 ? shown.substring(0, 4_000) + "..." : shown),
          e);
    }
  }

  private static long cpu(FuzzTarget target, byte[] input) throws Exception {
    long begun = THREADS.getCurrentThreadCpuTime();
    target.reader().read(input);
    return THREADS.getCurrentThreadCpuTime() - begun;
  }
}
