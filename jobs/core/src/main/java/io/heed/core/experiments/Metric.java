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
 * @param revenue false: whether it happened (a rate); true: the money it brought, refunds taken off
 * @param windowMillis from the exposure (inclusive) to the window's end (exclusive)
 * @param expectedBaseRate expected share of recipients with the outcome
 * @param expectedValueMicros expected amount per converter, of revenue
 * @param expectedDeviationMicros expected standard deviation of that amount
 */
public record Metric(
    String name,
    MetricEvent event,
    Set<ConversionKind> kinds,
    boolean revenue,
    long windowMillis,
    double expectedBaseRate,
    long expectedValueMicros,
    long expectedDeviationMicros) {

  /** Copies the kinds. */
  public Metric {
    kinds = Set.copyOf(kinds);
  }

  /** A rate of an event that is no conversion. */
  public static Metric rate(MetricEvent event, long windowMillis) {
    return new Metric(
        event.fileName(), event, Set.of(), false, windowMillis, event.typicalRate(), 0, 0);
  }

  /** Which values are better. */
  public Direction better() {
    return event.better();
  }

  /** What its effects mean. */
  public EffectScale scale() {
    return revenue ? EffectScale.PER_RECIPIENT : EffectScale.RELATIVE;
  }

  /** Expected revenue per recipient in micros: what turns a relative effect into a difference. */
  public double expectedMean() {
    return expectedBaseRate * expectedValueMicros;
  }

  /** Expected standard deviation of the revenue of one recipient, in micros. */
  public double expectedDeviation() {
    double value = expectedValueMicros;
    double deviation = expectedDeviationMicros;
    return Math.sqrt(
        expectedBaseRate * (value * value + deviation * deviation)
            - expectedMean() * expectedMean());
  }
}
