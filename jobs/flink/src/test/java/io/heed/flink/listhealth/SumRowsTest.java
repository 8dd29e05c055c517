package io.heed.flink.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.core.listhealth.Table;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class SumRowsTest {
  private static final long HORIZON = Duration.ofDays(35).toMillis();
  private static final long START = 1_749_945_600_000L;
  private static final RowKey KEY =
      new RowKey(Table.LIST_HEALTH, START, 86_400, "list", "", "", "");

  private static KeyedOneInputStreamOperatorTestHarness<RowKey, RowDelta, Output> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new SumRows(HORIZON),
        RowDelta::key,
        new CompactTypeInfo<>(RowKey.class, new RowKeySerializer()));
  }

  private static StreamRecord<RowDelta> sends(long sends) {
    long[] counts = new long[Table.LIST_HEALTH.metrics()];
    counts[0] = sends;
    return new StreamRecord<>(new RowDelta(KEY, counts));
  }

  private static List<ListHealthRow> rows(
      KeyedOneInputStreamOperatorTestHarness<RowKey, RowDelta, Output> harness) throws Exception {
    List<ListHealthRow> rows = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      assertThat(output.topic()).isEqualTo(Topic.LIST_HEALTH_RESULT);
      rows.add((ListHealthRow) new TopicCodec().read(output.topic(), output.value(), START));
    }
    return rows;
  }

  @Test
  void changedRowsAreWrittenWithinSecondsAndInGrowingVersions() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.setProcessingTime(10_000);
      harness.processElement(sends(2));
      harness.processElement(sends(3));
      assertThat(harness.getOutput()).isEmpty();
      harness.setProcessingTime(13_000);
      harness.setProcessingTime(30_000);
      harness.processElement(sends(4));
      harness.prepareSnapshotPreBarrier(1);
      harness.processElement(sends(1));
      harness.prepareSnapshotPreBarrier(2);
      assertThat(rows(harness)).extracting(ListHealthRow::sends).containsExactly(5L, 9L, 10L);
      assertThat(rows(harness))
          .extracting(ListHealthRow::seq)
          .isSorted()
          .doesNotHaveDuplicates()
          .endsWith(30_000_000L, 30_000_001L);
      assertThat(rows(harness))
          .extracting(ListHealthRow::key)
          .containsOnly("list_health|" + START + "|86400|list|");
    }
  }

  @Test
  void aRestartGoesOnFromTheTotal() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = harness()) {
      harness.open();
      harness.setProcessingTime(10_000);
      harness.processElement(sends(2));
      harness.prepareSnapshotPreBarrier(1);
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      // A clock that was set back.
      harness.setProcessingTime(9_000);
      harness.processElement(sends(3));
      harness.prepareSnapshotPreBarrier(2);
      assertThat(rows(harness))
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.sends()).isEqualTo(5);
                assertThat(row.seq()).isEqualTo(10_000_001);
              });
    }
  }

  @Test
  void aRowIsForgottenLongAfterTheHorizon() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(sends(2));
      harness.prepareSnapshotPreBarrier(1);
      passTo(harness, START + HORIZON + Duration.ofDays(9).toMillis() - 1);
      assertThat(harness.numKeyedStateEntries()).isOne();
      passTo(harness, START + HORIZON + Duration.ofDays(9).toMillis());
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }

  @Test
  void theEndOfABoundedInputForgetsNothing() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(sends(2));
      harness.processWatermark(Watermark.MAX_WATERMARK);
      assertThat(rows(harness)).hasSize(1);
      assertThat(harness.getOutput()).last().isEqualTo(Watermark.MAX_WATERMARK);
      assertThat(harness.numKeyedStateEntries()).isOne();
    }
  }

  private static void passTo(
      KeyedOneInputStreamOperatorTestHarness<RowKey, RowDelta, Output> harness, long time)
      throws Exception {
    harness.processWatermark(new Watermark(time));
    harness.prepareSnapshotPreBarrier(2);
  }

  @Test
  void stateHasTheFormatOfAllReleases() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    new RowKeySerializer().serialize(KEY, out);
    new RowTotal.Serializer().serialize(new RowTotal(7, new long[] {1, 0, 0, 300, -2}), out);
    String golden = "000000019770e2c80000015180056c69737401010101000000000000000705001902d80403";
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(golden);
    DataInputDeserializer in = new DataInputDeserializer(HexFormat.of().parseHex(golden));
    assertThat(new RowKeySerializer().deserialize(in)).isEqualTo(KEY);
    RowTotal total = new RowTotal.Serializer().deserialize(in);
    assertThat(total.seq()).isEqualTo(7);
    assertThat(total.counts()).containsExactly(1, 0, 0, 300, -2);
  }
}
