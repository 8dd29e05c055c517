package io.heed.core.statistics;

/** What one arm of one epoch has measured for one metric, over its matured recipients. */
public sealed interface MetricCounts permits BinaryCounts, MeanCounts {
  /** Matured recipients. */
  long recipients();

  /** Recipients with at least one outcome. */
  long successes();
}
