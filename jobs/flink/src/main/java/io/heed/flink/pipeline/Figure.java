package io.heed.flink.pipeline;

import io.heed.core.model.PipelineMetric;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;

/**
 * A metric of Flink that is reported, and as what.
 *
 * @param metric of Flink
 * @param job whose metric it is
 * @param name for the dashboards
 * @param subject the task that it was measured at; empty for the job
 * @param convert the reported value, of the measured one and the clock in epoch milliseconds; not a
 *     number for nothing to report
 */
record Figure(
    Metric metric, String job, String name, String subject, DoubleBinaryOperator convert) {

  private static double asItIs(double value, double now) {
    return value;
  }

  /** Flink says -1 before the first. */
  private static double ifAny(double value, double now) {
    return value < 0 ? Double.NaN : value;
  }

  private static double age(double instant, double now) {
    return instant <= 0 ? Double.NaN : Math.max(0, now - instant);
  }

  private record Kind(String name, DoubleBinaryOperator convert) {}

  /** What is reported of a job as a whole. */
  private static final Map<String, Kind> OF_JOBS =
      Map.of(
          "lastCheckpointDuration", new Kind("checkpoint_duration_ms", Figure::ifAny),
          "lastCheckpointSize", new Kind("checkpoint_size_bytes", Figure::ifAny),
          "lastCheckpointCompletedTimestamp", new Kind("checkpoint_age_ms", Figure::age),
          "numberOfFailedCheckpoints", new Kind("failed_checkpoints", Figure::asItIs));

  /** What is reported of sources. */
  private static final Map<String, Kind> OF_SOURCES =
      Map.of(
          "numRecordsInPerSecond", new Kind("records_in_per_second", Figure::asItIs),
          "pendingRecords", new Kind("lag_records", Figure::ifAny));

  /** What is reported of other operators. */
  private static final Map<String, Kind> OF_OPERATORS =
      Map.of(
          "heed_late", new Kind("late_events", Figure::asItIs),
          "heed_unreadable", new Kind("dead_letters", Figure::asItIs),
          "heed_newest_row_age_ms", new Kind("newest_row_age_ms", Figure::ifAny));

  /** Where event time is made. */
  private static final String EVENT_TIME = "event-time";

  private static final Map<String, Kind> OF_EVENT_TIME =
      Map.of("currentOutputWatermark", new Kind("watermark_delay_ms", Figure::age));

  /**
   * The figure of a metric.
   *
   * @param variables of its group
   * @return null if it is not reported
   */
  static Figure of(Metric metric, String metricName, Map<String, String> variables) {
    String job = variables.get("<job_name>");
    String operator = variables.get("<operator_name>");
    if (job == null) {
      return null;
    }
    Kind kind;
    if (operator == null) {
      // Metrics of a task have no operator either; they are none of these.
      kind = OF_JOBS.get(metricName);
    } else if (operator.startsWith("Source: ")) {
      kind = OF_SOURCES.get(metricName);
    } else if (operator.equals(EVENT_TIME)) {
      kind = OF_EVENT_TIME.get(metricName);
    } else {
      kind = OF_OPERATORS.get(metricName);
    }
    if (kind == null) {
      return null;
    }
    String subject = operator == null ? "" : operator + " " + variables.get("<subtask_index>");
    return new Figure(metric, job, kind.name(), subject, kind.convert());
  }

  /** The value now, or null where there is none. */
  PipelineMetric read(long now) {
    double value = convert.applyAsDouble(measured(), (double) now);
    return Double.isFinite(value) ? new PipelineMetric(job, name, subject, now, value) : null;
  }

  private double measured() {
    if (metric instanceof Counter counter) {
      return counter.getCount();
    }
    if (metric instanceof Meter meter) {
      return meter.getRate();
    }
    return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number
        ? number.doubleValue()
        : Double.NaN;
  }
}
