package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;

/**
 * How fast clicks come: exact counts of the delays of first clicks, in buckets that grow by the
 * square root of two, and the share of clicks that came within some minutes.
 */
public final class DelayCurve {
  private static final int BUCKETS = 22;
  private static final long[] BORDER = new long[BUCKETS];

  /** Weight of the curve that holds before any click: exponential with a mean of 10 minutes. */
  private static final double PRIOR_CLICKS = 50;

  private static final double PRIOR_MEAN_MINUTES = 10;

  static {
    for (int i = 0; i < BUCKETS; i++) {
      BORDER[i] = Math.round(StrictMath.pow(2, i / 2.0));
    }
  }

  private final long[] counts = new long[BUCKETS + 1];
  private final double[] share = new double[BUCKETS];
  private boolean fresh;

  /** Adds a first click so many minutes after its message. */
  public void add(long minutes) {
    counts[bucket(minutes)]++;
    fresh = false;
  }

  /** Adds the counts of other clicks. */
  public void merge(DelayCurve other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    fresh = false;
  }

  private static int bucket(long minutes) {
    int i = 0;
    while (i < BUCKETS && minutes >= BORDER[i]) {
      i++;
    }
    return i;
  }

  /** The share of clicks that come within some minutes, linear between buckets. */
  double share(long minutes) {
    if (minutes <= 0) {
      return 0;
    }
    if (!fresh) {
      refresh();
    }
    int i = bucket(minutes);
    if (i == BUCKETS) {
      return 1;
    }
    double below = i == 0 ? 0 : share[i - 1];
    long from = i == 0 ? 0 : BORDER[i - 1];
    return below + (share[i] - below) * (minutes - from) / (BORDER[i] - from);
  }

  private void refresh() {
    double total = PRIOR_CLICKS;
    for (long count : counts) {
      total += count;
    }
    double until = 0;
    for (int i = 0; i < BUCKETS; i++) {
      until += counts[i];
      double prior = 1 - StrictMath.exp(-BORDER[i] / PRIOR_MEAN_MINUTES);
      share[i] = (until + PRIOR_CLICKS * prior) / total;
    }
    fresh = true;
  }

  /** Writes the counts. */
  public void write(BinaryWriter out) {
    for (long count : counts) {
      out.writeUnsigned(count);
    }
  }

  /** What {@link #write} wrote. */
  public static DelayCurve read(BinaryReader in) throws BinaryException {
    DelayCurve curve = new DelayCurve();
    for (int i = 0; i < curve.counts.length; i++) {
      curve.counts[i] = in.readUnsigned();
    }
    return curve;
  }
}
