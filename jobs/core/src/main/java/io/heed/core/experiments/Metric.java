package io.heed.core.experiments;

import io.heed.core.model.ConversionKind;
import io.heed.core.model.EffectScale;
import io.heed.core.statistics.Direction;
import java.util.Set;

/**
 * An outcome of recipients within a window after their first exposure.
 *
 * @param name unique within the experiment
 * @param event what counts
 * @param kinds which conversions; all but REFUND by default
 * @param type what is measured of it
 * @param per of a ratio: the event that its revenue is divided by; else null
 * @param windowMillis from the exposure (inclusive) to the window's end (exclusive)
 * @param expectedBaseRate expected share of recipients with the outcome
 * @param expectedValueMicros expected amount per converter of revenue, or expected number of
 *     outcomes per recipient who has any, of a count; in millionths
 * @param expectedDeviationMicros expected standard deviation of that
 * @param capMicros a recipient's value counts up to this amount either way (winsorised)
 */
public record Metric(
    String name,
    MetricEvent event,
    Set<ConversionKind> kinds,
    Type type,
    MetricEvent per,
    long windowMillis,
    double expectedBaseRate,
    long expectedValueMicros,
    long expectedDeviationMicros,
    long capMicros) {

  /** One, in the millionths of values. */
  static final long ONE = 1_000_000;

  /** What is measured. */
  public enum Type {
    /** Whether it happened: a rate. */
    BINARY,
    /** The money it brought, refunds taken off: a mean per recipient. */
    REVENUE,
    /** How often it happened: a mean per recipient. */
    COUNT,
    /** The money it brought per outcome of another kind, such as revenue per click. */
    RATIO
  }

  /** Copies the kinds. */
  public Metric {
    kinds = Set.copyOf(kinds);
  }

  /** A rate of an event that is no conversion. */
  public static Metric rate(MetricEvent event, long windowMillis) {
    return new Metric(
        event.fileName(),
        event,
        Set.of(),
        Type.BINARY,
        null,
        windowMillis,
        event.typicalRate(),
        0,
        0,
        Long.MAX_VALUE);
  }

  /**
   * The same rate as a mean of ones and zeros, which a covariate can adjust: a count of at most
   * one.
   */
  Metric asMean() {
    return new Metric(
        name, event, kinds, Type.COUNT, per, windowMillis, expectedBaseRate, ONE, 0, ONE);
  }

  /** Whether the same outcome before the exposure adjusts it, where the file has a covariate. */
  boolean isAdjustable() {
    return type == Type.REVENUE || type == Type.COUNT;
  }

  /** Which values are better. */
  public Direction better() {
    return event.better();
  }

  /** Whether values are summed, and not only counted whether there was one. */
  public boolean isMean() {
    return type != Type.BINARY;
  }

  /** Whether amounts of money are summed. */
  boolean isMoney() {
    return type == Type.REVENUE || type == Type.RATIO;
  }

  /** What its effects mean. */
  public EffectScale scale() {
    return type == Type.REVENUE || type == Type.COUNT
        ? EffectScale.PER_RECIPIENT
        : EffectScale.RELATIVE;
  }

  /** Expected value per recipient in micros: what turns a relative effect into a difference. */
  public double expectedMean() {
    return expectedBaseRate * expectedValueMicros;
  }

  /** Expected standard deviation of the value of one recipient, in micros. */
  public double expectedDeviation() {
    double value = expectedValueMicros;
    double deviation = expectedDeviationMicros;
    return Math.sqrt(
        expectedBaseRate * (value * value + deviation * deviation)
            - expectedMean() * expectedMean());
  }
}
