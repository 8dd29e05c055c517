package io.heed.flink.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.PipelineMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class PipelineReporterTest {
  private static final long NOW = 1_780_000_000_000L;

  private final List<PipelineMetric> written = new ArrayList<>();
  private final PipelineReporter reporter = new PipelineReporter(written::add, () -> {}, () -> NOW);

  @Test
  void reportsTheChosenMetricsUnderTheirNames() {
    add((Gauge<Long>) () -> NOW - 2_500, "lastCheckpointCompletedTimestamp", null);
    add((Gauge<Long>) () -> 41L, "lastCheckpointDuration", null);
    add((Gauge<Long>) () -> 7L, "pendingRecords", "Source: kafka");
    add((Gauge<Long>) () -> NOW - 60_000, "currentOutputWatermark", "event-time");
    SimpleCounter late = new SimpleCounter();
    late.inc(3);
    add(late, "heed_late", "readable");

    reporter.report();

    assertThat(written)
        .containsExactlyInAnyOrder(
            new PipelineMetric("warehouse", "checkpoint_age_ms", "", NOW, 2_500),
            new PipelineMetric("warehouse", "checkpoint_duration_ms", "", NOW, 41),
            new PipelineMetric("warehouse", "lag_records", "Source: kafka 1", NOW, 7),
            new PipelineMetric("warehouse", "watermark_delay_ms", "event-time 1", NOW, 60_000),
            new PipelineMetric("warehouse", "late_events", "readable 1", NOW, 3));
  }

  @Test
  void leavesOutWhatIsNotKnownYetAndWhatIsNotChosen() {
    add((Gauge<Long>) () -> Long.MIN_VALUE, "currentOutputWatermark", "event-time");
    add((Gauge<Long>) () -> 0L, "lastCheckpointCompletedTimestamp", null);
    add((Gauge<Long>) () -> -1L, "lastCheckpointDuration", null);
    add((Gauge<String>) () -> "n/a", "lastCheckpointSize", null);
    add((Gauge<Long>) () -> NOW, "currentOutputWatermark", "another");
    add((Gauge<Long>) () -> 5L, "numRecordsOut", "Source: kafka");

    reporter.report();

    assertThat(written).isEmpty();
  }

  @Test
  void oneThatCannotBeReadHidesNoOther() {
    for (int i = 0; i < 10; i++) {
      int lag = i;
      add((Gauge<Long>) () -> (long) lag, "pendingRecords", "Source: kafka");
      add((Gauge<Long>) PipelineReporterTest::broken, "pendingRecords", "Source: kafka");
    }

    reporter.report();

    assertThat(written).hasSize(10);
  }

  private static Long broken() {
    throw new IllegalStateException("the task is closed");
  }

  @Test
  void dropsWhatIsRemoved() {
    Gauge<Long> lag = () -> 7L;
    MetricGroup group = add(lag, "pendingRecords", "Source: kafka");
    reporter.notifyOfRemovedMetric(lag, "pendingRecords", group);

    reporter.report();

    assertThat(written).isEmpty();
  }

  private MetricGroup add(org.apache.flink.metrics.Metric metric, String name, String operator) {
    Map<String, String> variables =
        operator == null
            ? Map.of("<job_name>", "warehouse")
            : Map.of(
                "<job_name>", "warehouse",
                "<operator_name>", operator,
                "<subtask_index>", "1");
    MetricGroup group =
        new UnregisteredMetricsGroup() {
          @Override
          public Map<String, String> getAllVariables() {
            return variables;
          }
        };
    reporter.notifyOfAddedMetric(metric, name, group);
    return group;
  }
}
