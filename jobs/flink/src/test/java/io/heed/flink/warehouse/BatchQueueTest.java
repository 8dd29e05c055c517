package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchQueueTest {
  private static final Input REPLY =
      Input.decode(
          new TopicCodec(),
          Topic.REPLY,
          0,
          0,
          1_750_000_000_000L,
          null,
          "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"body\":\"b\"}"
              .getBytes(StandardCharsets.UTF_8));

  private final TestingStore store = new TestingStore();

  @Test
  void everyStoreIsClosedOnceAlsoOneThatIsInUse() throws Exception {
    CountDownLatch closed = new CountDownLatch(2);
    CountDownLatch inserting = new CountDownLatch(1);
    class Busy implements Store {
      private boolean isClosed;

      @Override
      public void prepare() {}

      @Override
      public void insert(Table table, List<Row> rows) throws SQLException {
        inserting.countDown();
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException e) {
          assertThat(isClosed).as("closed while in use").isFalse();
          throw new SQLException(e);
        }
      }

      @Override
      public void close() {
        assertThat(isClosed).as("closed before").isFalse();
        isClosed = true;
        closed.countDown();
      }
    }
    BatchQueue queue = new BatchQueue(Busy::new, new WriterMetrics(new UnregisteredMetricsGroup()));
    submit(queue);
    inserting.await();
    queue.close();
    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, IllegalStateException.class, Unexpected.class})
  void whateverEndsAnInsertReachesTheTask(Class<? extends Throwable> type) throws Exception {
    store.failure = type.getConstructor().newInstance();
    try (BatchQueue queue = queue()) {
      submit(queue);
      assertThatThrownBy(queue::awaitEmpty)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("events")
          .hasMessageContaining(type.getSimpleName());
    }
  }

  /** Thrown by no compiler's leave. */
  static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1L;

    public Unexpected() {}
  }

  @Test
  void aSchemaThatCannotBeMadeReachesTheTaskToo() throws Exception {
    store.ofSchema = new NoClassDefFoundError("Migrations");
    try (BatchQueue queue = queue()) {
      assertThatThrownBy(
              () -> {
                submit(queue);
                queue.awaitEmpty();
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("schema");
      assertThat(store.attempts).isZero();
    }
  }

  /** What nobody ordered is no reason to drop a batch in silence. */
  @Test
  void anInterruptThatIsNoCloseReachesTheTask() throws Exception {
    store.failure = new InterruptedException();
    try (BatchQueue queue = queue()) {
      submit(queue);
      assertThatThrownBy(queue::awaitEmpty).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aBatchThatWaitedForAPlaceIsNotTakenOnceAnotherHasFailed() throws Exception {
    store.gate = new CountDownLatch(1);
    store.refuses = true;
    try (BatchQueue queue = queue()) {
      submit(queue);
      submit(queue);
      CompletableFuture<Void> third = CompletableFuture.runAsync(() -> unchecked(queue));
      assertThatThrownBy(() -> third.get(200, TimeUnit.MILLISECONDS))
          .as("there is no place")
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      store.gate.countDown();
      assertThatThrownBy(third::join)
          .isInstanceOf(CompletionException.class)
          .hasStackTraceContaining("no such column");
      assertThat(store.attempts).isBetween(1, 2);
    }
  }

  @Test
  void aCheckpointThatWaitedFailsOnceABatchHasFailed() throws Exception {
    store.gate = new CountDownLatch(1);
    store.refuses = true;
    try (BatchQueue queue = queue()) {
      submit(queue);
      CompletableFuture<Void> checkpoint =
          CompletableFuture.runAsync(
              () -> {
                try {
                  queue.awaitEmpty();
                } catch (IOException | InterruptedException e) {
                  throw new CompletionException(e);
                }
              });
      store.gate.countDown();
      assertThatThrownBy(checkpoint::join).hasStackTraceContaining("no such column");
    }
  }

  private BatchQueue queue() {
    return new BatchQueue(() -> store, new WriterMetrics(new UnregisteredMetricsGroup()));
  }

  private static void unchecked(BatchQueue queue) {
    try {
      submit(queue);
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  private static void submit(BatchQueue queue) throws IOException, InterruptedException {
    queue.submit(Table.of(REPLY.content()), List.of(Row.of(REPLY, "sms.reply")));
  }
}
