package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarehouseWriterTest {
  private final TopicCodec codec = new TopicCodec();
  private final TestingStore store = new TestingStore();
  private final TestProcessingTimeService clock = new TestProcessingTimeService();
  private final WarehouseWriter writer =
      new WarehouseWriter(
          new TopicNames("p."),
          new BatchQueue(() -> store, new WriterMetrics(new UnregisteredMetricsGroup())),
          clock);
  private long offset;

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void flushReturnsWhenEveryRowIsInTheStore() throws Exception {
    writer.write(reply(), null);
    writer.write(heartbeat(), null);
    writer.flush(false);
    assertThat(store.batches).hasSize(2).allMatch(batch -> batch.size() == 1);
  }

  @Test
  void aFullBatchGoesAtOnce() throws Exception {
    for (int i = 0; i < WarehouseWriter.MAX_ROWS + 1; i++) {
      writer.write(reply(), null);
    }
    writer.flush(false);
    // Two batches are written at once, in no order.
    assertThat(store.batches)
        .extracting(batch -> batch.size())
        .containsExactlyInAnyOrder(WarehouseWriter.MAX_ROWS, 1);
  }

  @Test
  void anOldBatchGoesByTheClockUnlessTheStoreIsBusy() throws Exception {
    store.gate = new CountDownLatch(1);
    writer.write(reply(), null);
    clock.setCurrentTime(1_000);
    writer.write(reply(), null);
    clock.setCurrentTime(2_000);
    writer.write(reply(), null);
    clock.setCurrentTime(3_000); // both places are taken: the row waits on
    writer.write(reply(), null);
    store.gate.countDown();
    writer.flush(false);
    assertThat(store.batches).extracting(batch -> batch.size()).containsExactlyInAnyOrder(1, 1, 2);
  }

  @Test
  void waitsForAStoreThatIsAway() throws Exception {
    store.timesAway = 3;
    writer.write(reply(), null);
    writer.flush(false);
    assertThat(store.rows()).isEqualTo(1);
    assertThat(store.attempts).isEqualTo(4);
  }

  @Test
  void anErrorThatDoesNotPassFailsTheTaskAndNamesTheTable() throws Exception {
    store.refuses = true;
    writer.write(reply(), null);
    assertThatThrownBy(() -> writer.flush(false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("events")
        .hasMessageContaining("no such column");
    assertThatThrownBy(() -> writer.flush(false)).isInstanceOf(IOException.class);
    assertThat(store.attempts).isEqualTo(1);
  }

  @Test
  void leavesOutWhatHasNoTable() throws Exception {
    writer.write(input(Topic.SEND, "{"), null);
    writer.write(input(Topic.TIME_MARK, "{\"event_time\":1750000000000}"), null);
    writer.flush(true);
    assertThat(store.attempts).isZero();
  }

  private Input reply() {
    return input(
        Topic.REPLY,
        "{\"event_id\":\"e%d\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"body\":\"b\"}"
            .formatted(offset));
  }

  private Input heartbeat() {
    return input(
        Topic.HEARTBEAT,
        "{\"partition\":0,\"state_time\":1750000000000,\"ready\":true,\"emitted_at\":1750000000000}");
  }

  private Input input(Topic topic, String json) {
    return Input.decode(
        codec, topic, 0, offset++, 1_750_000_000_000L, null, json.getBytes(StandardCharsets.UTF_8));
  }
}
