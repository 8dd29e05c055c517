package io.heed.flink.warehouse;

import io.heed.core.experiments.ExperimentDefinition;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.ErasureFeed;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects rows into batches, one a table, and hands them over when they are large or old. Runs in
 * the task's thread; waits there while {@link BatchQueue} has no place, so that a database that is
 * away holds reading back and nothing is lost or piled up.
 */
final class WarehouseWriter implements SinkWriter<Input> {
  private static final Logger LOG = LoggerFactory.getLogger(WarehouseWriter.class);
  static final int MAX_ROWS = 50_000;

  /** What a row waits at most, if the database keeps up. */
  private static final long LINGER_MILLIS = 1_000;

  /** Of raw JSON in all open batches; rows take a few times as much. */
  private static final long MAX_BYTES = 32L << 20;

  private final Map<Topic, String> topicNames = new EnumMap<>(Topic.class);
  private final Map<Table, List<Row>> open = new HashMap<>();
  private final BatchQueue queue;
  private final ProcessingTimeService clock;
  private final ErasureFeed erasures;
  private final ErasedRecipients erased;
  private long openBytes;
  private ScheduledFuture<?> nextPoll;

  /**
   * @param erasures what comes after those that are known
   * @param erased who is known to be erased
   */
  WarehouseWriter(
      TopicNames names,
      BatchQueue queue,
      ProcessingTimeService clock,
      ErasureFeed erasures,
      ErasedRecipients erased) {
    for (Topic topic : Topic.values()) {
      topicNames.put(topic, names.of(topic));
    }
    this.queue = queue;
    this.clock = clock;
    this.erasures = erasures;
    this.erased = erased;
    registerTimer();
  }

  @Override
  public void write(Input input, Context context) throws IOException, InterruptedException {
    Table table = input.content() == null ? null : Table.of(input.content());
    if (table == null || erased.covers(input.content())) {
      return;
    }
    Row row = Row.of(input, topicNames.get(input.topic()));
    openBytes += input.value().length;
    add(table, row);
    if (input.content() instanceof ConfigVersion version) {
      var definition = ExperimentDefinition.of(version);
      if (definition.isPresent()) {
        add(Table.of(definition.get()), row.with(definition.get()));
      }
    }
    if (openBytes >= MAX_BYTES) {
      submitAll();
    }
  }

  private void add(Table table, Row row) throws IOException, InterruptedException {
    List<Row> rows = open.computeIfAbsent(table, t -> new ArrayList<>());
    rows.add(row);
    if (rows.size() >= MAX_ROWS) {
      submit(table);
    }
  }

  /**
   * Returns when every row is in the database. Everyone who was erased before is known from then
   * on: so once a checkpoint has passed an erasure, no row of the person follows, whichever task
   * has read the erasure itself.
   */
  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    submitAll();
    queue.awaitEmpty();
    newErasures().forEach(erased::add);
  }

  /** Waits for a Kafka that is away, as the source does: its rows are written already. */
  private List<Erasure> newErasures() throws InterruptedException {
    while (true) {
      try {
        return erasures.news();
      } catch (RetriableException | IllegalStateException e) {
        LOG.warn("The erasures cannot be read, trying again: {}", e.getMessage());
        TimeUnit.MILLISECONDS.sleep(LINGER_MILLIS);
      }
    }
  }

  private void onTimer() throws IOException, InterruptedException {
    queue.check();
    // Without a free place the rows wait on, and more join them.
    if (queue.hasPlace()) {
      submitAll();
    }
    registerTimer();
  }

  private void registerTimer() {
    nextPoll =
        clock.registerTimer(clock.getCurrentProcessingTime() + LINGER_MILLIS, time -> onTimer());
  }

  private void submitAll() throws IOException, InterruptedException {
    for (Table table : List.copyOf(open.keySet())) {
      submit(table);
    }
    openBytes = 0;
  }

  private void submit(Table table) throws IOException, InterruptedException {
    queue.submit(table, open.get(table));
    open.remove(table);
    if (open.isEmpty()) {
      openBytes = 0;
    }
  }

  @Override
  public void close() {
    nextPoll.cancel(false);
    queue.close();
    erasures.close();
  }
}
