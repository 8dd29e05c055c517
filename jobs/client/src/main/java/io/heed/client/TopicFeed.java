package io.heed.client;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads every partition of some topics in a thread of its own, for as long as it is open. What
 * fails is tried again after a second, from where it stopped.
 */
final class TopicFeed implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LOOKUP = Duration.ofSeconds(5);
  private static final long ENDS_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  /** Where a partition ended at an instant, once Kafka has given it. */
  private record End(long atNanos, KafkaFuture<ListOffsetsResultInfo> offset) {
    boolean isReached(long position) {
      try {
        ListOffsetsResultInfo info = offset.getNow(null);
        return info != null && position >= info.offset();
      } catch (InterruptedException | ExecutionException e) {
        return false;
      }
    }
  }

  private final KafkaSettings kafka;
  private final Admin admin;
  private final Map<TopicPartition, End> ends = new HashMap<>();
  private final List<String> topics;
  private final boolean fromBeginning;
  private final Consumer<ConsumerRecord<byte[], byte[]>> each;
  private final LongSupplier nanos;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Map<TopicPartition, Long> complete = new ConcurrentHashMap<>();
  private final CompletableFuture<Integer> positioned = new CompletableFuture<>();
  private final Thread thread;
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean closed;
  private volatile String failure;
  private long lookedUpNanos;

  /**
   * Starts reading.
   *
   * @param fromBeginning false: only what is written from now on
   * @param each takes each record, in order per partition
   */
  TopicFeed(
      KafkaSettings kafka,
      TopicNames names,
      List<Topic> topics,
      boolean fromBeginning,
      Consumer<ConsumerRecord<byte[], byte[]>> each,
      LongSupplier nanos) {
    this.kafka = kafka;
    this.topics = names.of(topics);
    this.fromBeginning = fromBeginning;
    this.each = each;
    this.nanos = nanos;
    this.lookedUpNanos = nanos.getAsLong() - ENDS_EVERY_NANOS;
    // The consumer's own look-up of ends blocks, and for good once its broker was restarted.
    this.admin = fromBeginning ? Admin.create(kafka.admin()) : null;
    this.thread = new Thread(this::run, "heed-" + this.topics.get(0));
    thread.setDaemon(true);
    thread.start();
  }

  /** Done, with the number of partitions, once nothing that is written from now on is missed. */
  CompletableFuture<Integer> positioned() {
    return positioned;
  }

  /** What is wrong with the connection, or null. */
  String failure() {
    return failure;
  }

  /**
   * The latest instant up to which all that a topic's partition held was read; the beginning of
   * time if that is not known.
   */
  long completeUpTo(String topic, int partition) {
    return complete.getOrDefault(new TopicPartition(topic, partition), Long.MIN_VALUE / 2);
  }

  private void run() {
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> open =
          new KafkaConsumer<>(
              kafka.consumer(fromBeginning),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer())) {
        consumer = open;
        read(open);
      } catch (WakeupException | InterruptException e) {
        closed = true;
      } catch (RuntimeException e) {
        failure = e.getMessage();
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> open) {
    List<TopicPartition> partitions = partitions(open);
    open.assign(partitions);
    for (TopicPartition partition : partitions) {
      Long position = positions.get(partition);
      if (position != null) {
        open.seek(partition, position);
      } else if (fromBeginning) {
        open.seekToBeginning(List.of(partition));
      } else {
        open.seekToEnd(List.of(partition));
      }
      // Looked up now, not at the first poll.
      positions.put(partition, open.position(partition, LOOKUP));
    }
    positioned.complete(partitions.size() / topics.size());
    failure = null;
    while (!closed) {
      ConsumerRecords<byte[], byte[]> records = open.poll(POLL);
      records.forEach(each);
      records.nextOffsets().forEach((partition, next) -> positions.put(partition, next.offset()));
      if (admin != null) {
        followEnds(partitions);
      }
    }
  }

  /**
   * Looks up where partitions end, a second after each other, and notes which of these ends were
   * reached. Each partition by itself: one without a leader holds up no other.
   */
  private void followEnds(List<TopicPartition> partitions) {
    Map<TopicPartition, OffsetSpec> due = new HashMap<>();
    for (TopicPartition partition : partitions) {
      End end = ends.get(partition);
      if (end == null || end.offset().isCompletedExceptionally()) {
        due.put(partition, OffsetSpec.latest());
      } else if (end.isReached(positions.get(partition))) {
        complete.put(partition, end.atNanos());
        ends.remove(partition);
      }
    }
    long now = nanos.getAsLong();
    if (!due.isEmpty() && now - lookedUpNanos >= ENDS_EVERY_NANOS) {
      ListOffsetsResult result =
          admin.listOffsets(due, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
      due.keySet().forEach(each -> ends.put(each, new End(now, result.partitionResult(each))));
      lookedUpNanos = now;
    }
  }

  private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> open) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      List<PartitionInfo> infos = open.partitionsFor(topic, LOOKUP);
      if (infos == null || infos.isEmpty()) {
        throw new IllegalStateException("Kafka has no topic " + topic);
      }
      infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return partitions;
  }

  /** Stops reading; returns once the thread has ended. */
  @Override
  public void close() {
    closed = true;
    KafkaConsumer<byte[], byte[]> open = consumer;
    if (open != null) {
      open.wakeup();
    }
    try {
      thread.join(LOOKUP.toMillis() * 2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
