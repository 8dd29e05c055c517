package io.heed.flink.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RowKey;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.SendCohortRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final HourRows.Key KEY = new HourRows.Key("list", "", START);

  private static KeyedOneInputStreamOperatorTestHarness<HourRows.Key, HourRows, Output> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new SumRows(HORIZON),
        HourRows::key,
        new CompactTypeInfo<>(HourRows.Key.class, new HourRowsSerializer.KeySerializer()));
  }

  private static StreamRecord<HourRows> sends(long sends) {
    HourRows rows = new HourRows(KEY);
    rows.at(CountTable.LIST_HEALTH, START, 86_400, "", "")[0] = sends;
    return new StreamRecord<>(rows);
  }

  private static List<ListHealthRow> rows(
      KeyedOneInputStreamOperatorTestHarness<HourRows.Key, HourRows, Output> harness)
      throws Exception {
    List<ListHealthRow> rows = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      assertThat(output.topic()).isEqualTo(Topic.LIST_HEALTH_RESULT);
      rows.add((ListHealthRow) new TopicCodec().read(output.topic(), output.value(), START));
    }
    return rows;
  }

  /** No receipt within 72 hours makes a message UNKNOWN, until one comes that was late. */
  @Test
  void messagesBecomeUnknownAsTimePasses() throws Exception {
    HourRows.Key key = new HourRows.Key("list", "campaign", START);
    long settles = START + Duration.ofHours(73).toMillis();
    OperatorSubtaskState checkpoint;
    try (var harness = harness()) {
      harness.open();
      harness.processElement(cohort(key, 10, 7, 1));
      harness.prepareSnapshotPreBarrier(1);
      harness.processWatermark(new Watermark(settles - 1));
      harness.prepareSnapshotPreBarrier(2);
      assertThat(unknown(harness)).containsExactly(0L);
      checkpoint = harness.snapshot(2, 2);
    }
    try (var harness = harness()) {
      harness.initializeState(checkpoint);
      harness.open();
      harness.processWatermark(new Watermark(settles));
      harness.prepareSnapshotPreBarrier(3);
      harness.processElement(cohort(key, 0, 1, 0));
      harness.prepareSnapshotPreBarrier(4);
      // A cohort without an open message is written no more.
      assertThat(unknown(harness)).containsExactly(2L, 1L);
    }
  }

  private static StreamRecord<HourRows> cohort(
      HourRows.Key key, long sends, long delivered, long undelivered) {
    HourRows rows = new HourRows(key);
    long[] counts = rows.at(CountTable.SEND_COHORT, START, 0, "", "");
    counts[0] = sends;
    counts[1] = delivered;
    counts[2] = undelivered;
    return new StreamRecord<>(rows);
  }

  private static List<Long> unknown(
      KeyedOneInputStreamOperatorTestHarness<HourRows.Key, HourRows, Output> harness)
      throws Exception {
    List<Long> unknown = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      Object row = new TopicCodec().read(output.topic(), output.value(), START);
      unknown.add(((SendCohortRow) row).unknown());
    }
    return unknown;
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
  void aRowExpiresLongAfterTheHorizon() throws Exception {
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
  void theEndOfABoundedInputExpiresNothing() throws Exception {
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
      KeyedOneInputStreamOperatorTestHarness<HourRows.Key, HourRows, Output> harness, long time)
      throws Exception {
    harness.processWatermark(new Watermark(time));
    harness.prepareSnapshotPreBarrier(2);
  }

  @Test
  void stateHasTheFormatOfAllReleases() throws Exception {
    HourRows rows = new HourRows(KEY);
    rows.setSeq(7);
    long[] minute = rows.at(CountTable.LIST_HEALTH, START + 5 * 60_000, 60, "", "");
    minute[0] = 1;
    minute[3] = 300;
    minute[4] = -2;
    rows.at(CountTable.LIST_HEALTH, START, 3_600, "", "")[0] = 2;
    rows.at(CountTable.LIST_HEALTH, START, 86_400, "", "")[0] = 3;
    rows.at(CountTable.SEND_COHORT, START, 0, "", "")[2] = 4;
    long[] delivery = rows.at(CountTable.DELIVERY_HEALTH, START, 0, "att", "CARRIER");
    delivery[0] = 5;
    delivery[2] = 5;
    rows.at(CountTable.RESPONSE_TIME, START, 3_600, "click", "")[0] = 6;
    String golden =
        "0107051902d804033c01043d01063e04083f036174740743415252494552050a0a40901c05636c69"
            + "636b010c";
    assertThat(HexFormat.of().formatHex(rows.toBytes())).isEqualTo(golden);
    HourRows read = HourRows.of(KEY, HexFormat.of().parseHex(golden));
    assertThat(read.seq()).isEqualTo(7);
    assertThat(text(read)).isEqualTo(text(rows)).hasSize(6);

    DataOutputSerializer out = new DataOutputSerializer(64);
    new HourRowsSerializer.KeySerializer().serialize(KEY, out);
    String goldenKey = "0000000d01046c6973740080a0968eee65";
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(goldenKey);
    DataInputDeserializer in = new DataInputDeserializer(HexFormat.of().parseHex(goldenKey));
    assertThat(new HourRowsSerializer.KeySerializer().deserialize(in)).isEqualTo(KEY);
  }

  private static List<String> text(HourRows rows) {
    List<String> text = new ArrayList<>();
    rows.forEach((row, counts) -> text.add(row + Arrays.toString(counts)));
    return text;
  }

  @Test
  void whatAlertsWatchIsKeyedInTheFormatOfAllReleases() throws Exception {
    RowKey key = new RowKey(CountTable.OPT_OUT_RATE, START, 0, "list", "", "", "");
    DataOutputSerializer out = new DataOutputSerializer(64);
    new RowKeySerializer().serialize(key, out);
    String golden = "000000100480a0968eee6500046c697374000000";
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(golden);
    DataInputDeserializer in = new DataInputDeserializer(HexFormat.of().parseHex(golden));
    assertThat(new RowKeySerializer().deserialize(in)).isEqualTo(key);
  }
}
