package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator with its timers and its state; what it decides by is {@link EventTimeTest}'s. */
class EventTimeOperatorTest {
  private static final long LATENESS = JobOptions.DEFAULTS.latenessMillis();
  private static final long HORIZON = JobOptions.DEFAULTS.horizonMillis();
  private static final long IDLE = JobOptions.DEFAULTS.idleMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long NOW = 1_750_000_000_000L;
  private static final int MOST_SUBTASKS = 8;

  private final TopicCodec codec = new TopicCodec();
  private final List<Task> tasks = new ArrayList<>();
  private long offset;

  @AfterEach
  void close() throws Exception {
    for (Task task : tasks) {
      task.harness.close();
    }
  }

  @Test
  void recordsKeepTheirTimestampAndWatermarksFollowThem() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW, NOW));
    task.read(event(1, NOW + 1_000, NOW + 500));
    task.clock(NOW + 200);
    assertThat(task.timestamps).containsExactly(NOW, NOW + 500);
    assertThat(task.watermark()).isEqualTo(NOW - LATENESS);
    task.read(event(0, NOW + 900, NOW + 900));
    task.clock(NOW + 1_000);
    assertThat(task.watermark()).isEqualTo(NOW + 500 - LATENESS);
    assertThat(task.watermarks).isSorted();
  }

  @Test
  void nothingIsEmittedUntilABacklogCouldHaveBeenRead() throws Exception {
    Task task = task(NOW, 1, 0, null);
    task.read(event(0, NOW, NOW));
    task.clock(NOW + IDLE - 200);
    assertThat(task.watermarks).isEmpty();
    assertThat(task.statuses).isEmpty();
    task.clock(NOW + IDLE);
    assertThat(task.watermark()).isEqualTo(NOW - LATENESS);
  }

  @Test
  void inSilenceAfterLiveEventsWatermarksFollowTheClock() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW, NOW));
    task.clock(NOW + DAY);
    assertThat(task.watermark()).isEqualTo(NOW + DAY - LATENESS);
    assertThat(task.statuses).containsExactly(WatermarkStatus.ACTIVE);
  }

  @Test
  void afterABackFillTheOperatorIsIdleUntilEventsComeAgain() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW - 100 * DAY, NOW));
    task.clock(NOW + 200);
    assertThat(task.watermark()).isEqualTo(NOW - 100 * DAY - LATENESS);
    task.clock(NOW + DAY);
    assertThat(task.watermark()).isEqualTo(NOW - 100 * DAY - LATENESS);
    assertThat(task.statuses).containsExactly(WatermarkStatus.ACTIVE, WatermarkStatus.IDLE);
    task.read(event(0, NOW + DAY, NOW + DAY));
    task.clock(NOW + DAY + 200);
    assertThat(task.watermark()).isEqualTo(NOW + DAY - LATENESS);
    assertThat(task.statuses).endsWith(WatermarkStatus.IDLE, WatermarkStatus.ACTIVE);
  }

  @Test
  void theEndOfABoundedInputIsPassedOnAndOtherWatermarksAreNot() throws Exception {
    Task task = started(NOW);
    task.clock(NOW + 200);
    task.harness.processWatermark(new Watermark(NOW));
    task.harness.processWatermarkStatus(WatermarkStatus.IDLE);
    task.take();
    assertThat(task.watermarks).isEmpty();
    task.harness.processWatermark(Watermark.MAX_WATERMARK);
    task.take();
    assertThat(task.watermark()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatIsOlderThanTheHorizonIsMarkedLate() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW, NOW));
    task.read(event(0, NOW - HORIZON, NOW));
    task.read(event(0, NOW - HORIZON - 1, NOW));
    assertThat(task.late).containsExactly(false, false, true);
  }

  /** Restored as nothing, time would stand still until each partition got its next record. */
  @Test
  void afterARestartTheLastRecordsAreKnown() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW, NOW));
    task.read(event(1, NOW - 3_000, NOW));
    OperatorSubtaskState state = task.harness.snapshot(1, 1);

    Task restored = task(NOW + DAY, 1, 0, state);
    restored.clock(NOW + DAY + 2 * IDLE);
    assertThat(restored.watermark()).isEqualTo(NOW + DAY + 2 * IDLE - LATENESS);
    restored.read(event(2, NOW - HORIZON - 1, NOW + DAY));
    assertThat(restored.late).containsExactly(true);
  }

  @Test
  void aBackFillThatHadEndedStaysEndedOverARestart() throws Exception {
    Task task = started(NOW);
    task.read(event(0, NOW - 100 * DAY, NOW));
    Task restored = task(NOW + DAY, 1, 0, task.harness.snapshot(1, 1));
    restored.clock(NOW + DAY + 2 * IDLE);
    assertThat(restored.watermarks).isEmpty();
    assertThat(restored.statuses).containsExactly(WatermarkStatus.IDLE);
  }

  /** Partitions may go to any subtask: each knows all of them, and of two states the newer one. */
  @Test
  void overARescaleEverySubtaskKeepsEveryPartition() throws Exception {
    Task first = started(NOW, 2, 0);
    Task second = started(NOW, 2, 1);
    first.read(event(0, NOW - 100 * DAY, NOW));
    second.read(event(1, NOW - 50 * DAY, NOW));
    // Partition 0 moved from the first to the second subtask and was live there.
    second.read(event(0, NOW, NOW));
    OperatorSubtaskState all =
        AbstractStreamOperatorTestHarness.repackageState(
            first.harness.snapshot(1, 1), second.harness.snapshot(1, 1));
    for (int subtasks : new int[] {1, 3}) {
      for (int subtask = 0; subtask < subtasks; subtask++) {
        OperatorSubtaskState share =
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                all, MOST_SUBTASKS, 2, subtasks, subtask);
        Task restored = task(NOW + DAY, subtasks, subtask, share);
        restored.clock(NOW + DAY + 2 * IDLE);
        assertThat(restored.watermark())
            .as("subtask %d of %d", subtask, subtasks)
            .isEqualTo(NOW + DAY + 2 * IDLE - LATENESS);
        restored.read(event(0, NOW - HORIZON - 1, NOW + DAY));
        assertThat(restored.late).containsExactly(true);
      }
    }
  }

  private Task started(long now) throws Exception {
    return started(now, 1, 0);
  }

  /** A task that has run for as long as a backlog may be hidden, and has read nothing: idle. */
  private Task started(long now, int subtasks, int subtask) throws Exception {
    Task task = task(now - IDLE, subtasks, subtask, null);
    task.clock(now);
    task.watermarks.clear();
    task.statuses.clear();
    return task;
  }

  private Task task(long now, int subtasks, int subtask, OperatorSubtaskState state)
      throws Exception {
    Task task = new Task(now, subtasks, subtask, state);
    tasks.add(task);
    return task;
  }

  private Input event(int partition, long eventTime, long appendTime) {
    byte[] value =
        "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r\",\"body\":\"b\"}"
            .formatted(eventTime)
            .getBytes(StandardCharsets.UTF_8);
    return Input.decode(codec, Topic.REPLY, partition, offset++, appendTime, null, value);
  }

  /** One subtask and what it has emitted. */
  private static final class Task {
    final OneInputStreamOperatorTestHarness<Input, Input> harness;
    final List<Long> timestamps = new ArrayList<>();
    final List<Boolean> late = new ArrayList<>();
    final List<Long> watermarks = new ArrayList<>();
    final List<WatermarkStatus> statuses = new ArrayList<>();
    private long now;

    Task(long now, int subtasks, int subtask, OperatorSubtaskState state) throws Exception {
      this.now = now;
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new EventTimeOperator(JobOptions.DEFAULTS), MOST_SUBTASKS, subtasks, subtask);
      harness.setup(CompactTypeInfo.INPUT.createSerializer(null));
      harness.setProcessingTime(now);
      if (state != null) {
        harness.initializeState(state);
      }
      harness.open();
    }

    void read(Input input) throws Exception {
      harness.processElement(new StreamRecord<>(input));
      take();
    }

    /** Moves the clock on in steps, as a task that is not held up sees it. */
    void clock(long to) throws Exception {
      for (; now < to; now = Math.min(to, now + IDLE / 2)) {
        harness.setProcessingTime(now);
      }
      harness.setProcessingTime(to);
      take();
    }

    long watermark() {
      return watermarks.get(watermarks.size() - 1);
    }

    void take() {
      Object next;
      while ((next = harness.getOutput().poll()) != null) {
        if (next instanceof StreamRecord<?> element) {
          timestamps.add(element.getTimestamp());
          late.add(((Input) element.getValue()).late());
        } else if (next instanceof Watermark watermark) {
          watermarks.add(watermark.getTimestamp());
        } else {
          statuses.add((WatermarkStatus) next);
        }
      }
    }
  }
}
