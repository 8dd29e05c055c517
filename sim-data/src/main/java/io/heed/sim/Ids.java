package io.heed.sim;

import java.util.HexFormat;

/** Ids that no other run gives: a function of the seed and the instant of the start. */
final class Ids {
  private final String run;
  private long last;

  Ids(long seed, long startMillis) {
    run = HexFormat.of().toHexDigits((int) mix(seed ^ mix(startMillis)));
  }

  /** What all ids of this run have in them. */
  String run() {
    return run;
  }

  String next(char kind) {
    return kind + run + "-" + Long.toString(++last, 36);
  }

  /** The finalizer of SplittableRandom's generator: every bit depends on every bit. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
