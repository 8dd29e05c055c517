package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.heed.core.experiments.ExperimentDefinition;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.ErasureFeed;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarehouseWriterTest {
  private final TopicCodec codec = new TopicCodec();
  private final TestingStore store = new TestingStore();
  private final TestProcessingTimeService clock = new TestProcessingTimeService();
  private static final KeyedHash KEY =
      new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));
  private final List<Erasure> unread = new ArrayList<>();
  private final ErasureFeed erasures =
      new ErasureFeed() {
        @Override
        public List<Erasure> news() {
          if (timesAway-- > 0) {
            throw new TimeoutException("Kafka is away");
          }
          List<Erasure> news = List.copyOf(unread);
          unread.clear();
          return news;
        }

        @Override
        public void close() {}
      };
  private final WarehouseWriter writer =
      new WarehouseWriter(
          new TopicNames("p."),
          new BatchQueue(() -> store, new WriterMetrics(new UnregisteredMetricsGroup())),
          clock,
          erasures,
          new ErasedRecipients(KEY, List.of()));
  private int timesAway;
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
  void anExperimentsFileIsReadIntoATableOfItsOwn() throws Exception {
    String document =
        Files.readString(Path.of("../../experiment-config/experiments/deals-emoji.yaml"));
    ConfigVersion version = ConfigVersion.of("experiment", "deals-emoji", 0, 7, document);
    byte[] json = JsonCodec.of(ConfigVersion.class).write(version);
    writer.write(input(Topic.CONFIG, new String(json, StandardCharsets.UTF_8)), null);
    writer.flush(false);
    // One table a batch, and two batches are written at once, in no order.
    assertThat(store.batches)
        .extracting(batch -> batch.get(0).content())
        .satisfiesExactlyInAnyOrder(
            content ->
                assertThat(content)
                    .asInstanceOf(type(ExperimentDefinition.class))
                    .extracting(ExperimentDefinition::owner)
                    .isEqualTo("growth@example.com"),
            content -> assertThat(content).isInstanceOf(ConfigVersion.class));
  }

  @Test
  void leavesOutWhatHasNoTable() throws Exception {
    writer.write(input(Topic.SEND, "{"), null);
    writer.write(input(Topic.TIME_MARK, "{\"event_time\":1750000000000}"), null);
    writer.flush(true);
    assertThat(store.attempts).isZero();
  }

  @Test
  void waitsForAKafkaThatIsAway() throws Exception {
    timesAway = 2;
    unread.add(new Erasure("e", 1_750_000_000_000L, null, KEY.of("r"), null));
    writer.flush(false);
    writer.write(reply(), null);
    writer.flush(false);
    assertThat(store.rows()).as("what was erased meanwhile is known").isZero();
  }

  /** Whichever task reads the erasure itself: a checkpoint makes all know of it. */
  @Test
  void nothingOfAnErasedPersonFollowsACheckpointAfterTheErasure() throws Exception {
    unread.add(new Erasure("e", 1_750_000_000_000L, null, KEY.of("r"), null));
    writer.write(reply(), null);
    writer.flush(false);
    assertThat(store.rows()).as("before the checkpoint").isEqualTo(1);
    writer.write(reply(), null);
    writer.write(reply("other"), null);
    writer.flush(false);
    assertThat(store.rows()).as("the other person's is written").isEqualTo(2);
  }

  private Input reply() {
    return reply("r");
  }

  private Input reply(String recipient) {
    return input(
        Topic.REPLY,
        "{\"event_id\":\"e%d\",\"event_time\":1750000000000,\"recipient_id\":\"%s\",\"body\":\"b\"}"
            .formatted(offset, recipient));
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
