package io.heed.flink.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryWriter;
import io.heed.core.listhealth.AlertRules;
import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.ListHealthPolicy;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.core.listhealth.Watched;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertState;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class WatchCountsTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = 24 * HOUR;
  private static final long T = 20_000 * DAY;
  private static final RowKey SUBJECT =
      new RowKey(CountTable.OPT_OUT_RATE, T, 0, "list", "", "", "");

  private static ConfigVersion version(long from, String document) {
    return new ConfigVersion("list-health", "list-health", "h" + from, from, 1, document);
  }

  private static KeyedTwoInputStreamOperatorTestHarness<RowKey, RowDelta, ConfigVersion, Output>
      harness(ConfigVersion... versions) throws Exception {
    List<ConfigVersion> known = List.of(versions);
    return new KeyedTwoInputStreamOperatorTestHarness<>(
        new WatchCounts(() -> known, HOUR),
        delta -> AlertRules.subject(delta.key()),
        version -> SUBJECT,
        new CompactTypeInfo<>(RowKey.class, new RowKeySerializer()),
        1,
        1,
        0);
  }

  private static StreamRecord<RowDelta> counts(long sends, long optOuts) {
    return new StreamRecord<>(new RowDelta(SUBJECT, new long[] {sends, optOuts}));
  }

  private static List<Alert> alerts(
      KeyedTwoInputStreamOperatorTestHarness<RowKey, RowDelta, ConfigVersion, Output> harness)
      throws Exception {
    List<Alert> alerts = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      Alert alert = (Alert) new TopicCodec().read(output.topic(), output.value(), T);
      assertThat(output.key()).isEqualTo(alert.alertId());
      alerts.add(alert);
    }
    return alerts;
  }

  @Test
  void anAlertOutlivesARestartAndEndsInEventTime() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = harness()) {
      harness.open();
      harness.setProcessingTime(T + HOUR);
      harness.processElement1(counts(1_000, 30));
      assertThat(alerts(harness)).singleElement().matches(a -> a.state() == AlertState.FIRING);
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.setProcessingTime(T + 2 * HOUR);
      harness.processElement1(counts(10, 0));
      assertThat(alerts(harness)).isEmpty();
      harness.processWatermark1(new Watermark(T + 4 * DAY - HOUR));
      assertThat(alerts(harness)).singleElement().matches(a -> a.state() == AlertState.RESOLVED);
    }
  }

  @Test
  void thePolicyThatHeldInEventTimeDecides() throws Exception {
    try (var harness =
        harness(
            version(T + 3 * HOUR, "{opt_out_rate: {minimum_sends: 50, minimum_opt_outs: 2}}"))) {
      harness.open();
      harness.setProcessingTime(T + HOUR);
      harness.processWatermark1(new Watermark(T));
      harness.processElement1(counts(100, 5));
      assertThat(alerts(harness)).isEmpty();
      harness.processWatermark1(new Watermark(T + 2 * HOUR));
      harness.processElement1(counts(1, 0));
      assertThat(alerts(harness))
          .singleElement()
          .satisfies(a -> assertThat(a.policyVersion()).startsWith("list-health"));
    }
  }

  @Test
  void aNewVersionHoldsAtOnceAndAWrongOneIsLeftAside() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.setProcessingTime(T + HOUR);
      harness.processElement2(new StreamRecord<>(version(0, "opt_out_rate: 7")));
      harness.processElement1(counts(100, 5));
      assertThat(alerts(harness)).isEmpty();
      harness.processElement2(
          new StreamRecord<>(
              version(1, "{opt_out_rate: {minimum_sends: 50, minimum_opt_outs: 2}}")));
      harness.processElement1(counts(1, 0));
      assertThat(alerts(harness)).hasSize(1);
    }
  }

  @Test
  void whatASnapshotHoldsIsNotChangedByWhatIsCountedOn() {
    Watched watched = new Watched();
    count(watched);
    Watched held = new WatchedSerializer().copy(watched);
    byte[] before = bytes(held);
    count(watched);
    assertThat(bytes(held)).isEqualTo(before).isNotEqualTo(bytes(watched));
  }

  private static byte[] bytes(Watched watched) {
    BinaryWriter out = new BinaryWriter();
    watched.write(out);
    return out.toByteArray();
  }

  private static void count(Watched watched) {
    RowDelta delta = new RowDelta(SUBJECT, new long[] {1, 0});
    AlertRules.count(delta, watched, T, T, ListHealthPolicy.DEFAULT, alert -> {});
  }
}
