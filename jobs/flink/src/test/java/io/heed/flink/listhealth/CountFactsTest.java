package io.heed.flink.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.FactReader;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RowKey;
import io.heed.core.model.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class CountFactsTest {
  private static final long HORIZON = Duration.ofDays(35).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();

  private final FactReader reader = new FactReader();

  private static KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness(
      int subtask, int parallelism) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new CountFacts(HORIZON), Fact::recipient, Types.LONG, 128, parallelism, subtask);
  }

  private void feed(
      KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness, List<Event> events)
      throws Exception {
    for (Event event : events) {
      Fact fact = reader.read(event);
      if (fact != null) {
        harness.processElement(new StreamRecord<>(fact));
      }
    }
  }

  private static void sum(
      KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness,
      Map<String, long[]> totals)
      throws Exception {
    harness.prepareSnapshotPreBarrier(1);
    visitRows(
        harness,
        (row, counts) -> {
          long[] sum = totals.computeIfAbsent(row.toString(), k -> new long[counts.length]);
          for (int i = 0; i < sum.length; i++) {
            sum[i] += counts[i];
          }
        });
    harness.getOutput().clear();
  }

  private static void visitRows(
      KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness,
      BiConsumer<RowKey, long[]> visitor) {
    harness.extractOutputValues().forEach(hour -> hour.forEach(visitor));
  }

  private static int rows(KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness) {
    List<RowKey> rows = new ArrayList<>();
    visitRows(harness, (row, counts) -> rows.add(row));
    return rows.size();
  }

  private static Map<String, String> text(Map<String, long[]> totals) {
    Map<String, String> text = new TreeMap<>();
    totals.forEach((key, counts) -> text.put(key, Arrays.toString(counts)));
    return text;
  }

  @Test
  void aRestartInTheMiddleChangesNothing() throws Exception {
    List<Event> events = TestingTraffic.of(11, 300);
    Map<String, long[]> undisturbed = new TreeMap<>();
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(harness, events);
      sum(harness, undisturbed);
    }
    Map<String, long[]> restarted = new TreeMap<>();
    OperatorSubtaskState snapshot;
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(harness, events.subList(0, 400));
      sum(harness, restarted);
      snapshot = harness.snapshot(1, 1);
      // What comes after the checkpoint comes again.
      feed(harness, events.subList(400, 450));
    }
    try (var harness = harness(0, 1)) {
      harness.initializeState(snapshot);
      harness.open();
      feed(harness, events.subList(400, events.size()));
      sum(harness, restarted);
    }
    assertThat(text(restarted)).isEqualTo(text(undisturbed));
  }

  @Test
  void recipientsMayMoveToOtherTasks() throws Exception {
    List<Event> events = TestingTraffic.of(12, 200);
    Map<String, long[]> one = new TreeMap<>();
    OperatorSubtaskState half;
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(harness, events.subList(0, 250));
      sum(harness, one);
      half = harness.snapshot(1, 1);
      feed(harness, events.subList(250, events.size()));
      Map<String, long[]> rest = new TreeMap<>();
      sum(harness, rest);
      Map<String, long[]> moved = new TreeMap<>();
      for (int subtask = 0; subtask < 2; subtask++) {
        try (var other = harness(subtask, 2)) {
          other.initializeState(
              AbstractStreamOperatorTestHarness.repartitionOperatorState(half, 128, 1, 2, subtask));
          other.open();
          int of = subtask;
          feed(
              other,
              events.subList(250, events.size()).stream()
                  .filter(event -> belongsTo(event, of))
                  .toList());
          sum(other, moved);
        }
      }
      moved.values().removeIf(counts -> Arrays.stream(counts).allMatch(count -> count == 0));
      assertThat(text(moved)).isEqualTo(text(rest));
    }
  }

  private boolean belongsTo(Event event, int subtask) {
    Fact fact = reader.read(event);
    return fact != null
        && KeyGroupRangeAssignment.assignKeyToParallelOperator(fact.recipient(), 128, 2) == subtask;
  }

  @Test
  void aHotCampaignLeavesAsFewRecords() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      events.add(TestingTraffic.send("" + i, TestingTraffic.START, "r" + i, "list", "hot"));
    }
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(harness, events);
      assertThat(harness.extractOutputValues()).isEmpty();
      harness.setProcessingTime(1_000);
      // One hour and the day's first, of the campaign and of the list.
      assertThat(harness.extractOutputValues()).hasSize(4);
      // Three windows of campaign and list, a cohort and its deliveries.
      assertThat(rows(harness)).isEqualTo(8);
      assertThat(harness.getSideOutput(ListHealthState.WATCHED)).hasSize(4);
    }
  }

  @Test
  void eventTimeGoesOnAfterWhatWasCountedBeforeIt() throws Exception {
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(
          harness,
          List.of(TestingTraffic.send("1", TestingTraffic.START, "r", "list", "campaign")));
      harness.processWatermark(new Watermark(TestingTraffic.START));
      assertThat(harness.getOutput()).isEmpty();
      harness.setProcessingTime(1_000);
      assertThat(harness.getOutput()).last().isEqualTo(new Watermark(TestingTraffic.START));
      assertThat(rows(harness)).isEqualTo(8);
    }
  }

  @Test
  void aRecipientExpiresWithTheLastFact() throws Exception {
    long start = TestingTraffic.START;
    try (var harness = harness(0, 1)) {
      harness.open();
      feed(
          harness,
          List.of(
              TestingTraffic.send("1", start, "r", "list", "campaign"),
              TestingTraffic.send("2", start + 10 * DAY, "r", "list", "campaign")));
      assertThat(harness.numEventTimeTimers()).isOne();
      passTo(harness, start + 42 * DAY + 1);
      assertThat(harness.numKeyedStateEntries()).isOne();
      assertThat(harness.numEventTimeTimers()).isOne();
      passTo(harness, start + 52 * DAY + 1);
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }

  private static void passTo(
      KeyedOneInputStreamOperatorTestHarness<Long, Fact, HourRows> harness, long time)
      throws Exception {
    harness.processWatermark(new Watermark(time));
    harness.setProcessingTime(harness.getProcessingTime() + 1_000);
  }
}
