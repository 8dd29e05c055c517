package io.heed.bench;

import io.heed.core.model.CapSource;
import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The standing cap of the gate as a plain topology of Kafka Streams, which the gate is held
 * against: reads sends, keeps each recipient's newest messages in a store with a changelog, and
 * publishes how many more are allowed. It does less than the gate: it takes a send that comes twice
 * for two, and does not publish that a cap has opened again. Its defaults are those of the library,
 * except for the interval of commits, which is that of the checkpoints.
 */
final class StreamsPeer {
  /** Of the measured process. */
  static final String NAME = "streams";

  // The gate's caps without any policy.
  private static final int LIMIT = 4;
  private static final long WINDOW_MILLIS = Duration.ofDays(30).toMillis();

  private static final String STORE = "messages";

  private final JobOptions options;
  private final KafkaStreams streams;
  private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param backend {@code heap} or {@code rocksdb}
   * @param directory for the store
   * @param commits interval
   */
  StreamsPeer(JobOptions options, String backend, Path directory, Duration commits) {
    this.options = options;
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.topicPrefix() + NAME);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("store").toString());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commits.toMillis());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.parallelism());
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    streams = new KafkaStreams(topology(backend), settings);
    streams.setUncaughtExceptionHandler(
        failure -> {
          failure.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
  }

  void start() {
    streams.start();
  }

  /** Runs until every send that the topic holds has been read, and is then closed. */
  void run() throws InterruptedException {
    left.set(sends());
    streams.start();
    done.await();
    streams.close();
  }

  private long sends() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      String topic = options.topicNames().of(Topic.SEND);
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      return consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
    }
  }

  private Topology topology(String backend) {
    return new Topology()
        .addSource(
            "sends",
            Serdes.String().deserializer(),
            Serdes.ByteArray().deserializer(),
            options.topicNames().of(Topic.SEND))
        .addProcessor("caps", CapProcessor::new, "sends")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                backend.equals("heap")
                    ? Stores.inMemoryKeyValueStore(STORE)
                    : Stores.persistentKeyValueStore(STORE),
                Serdes.String(),
                Serdes.ByteArray()),
            "caps")
        .addSink(
            "decisions",
            options.topicNames().of(Topic.FREQUENCY_CAP),
            Serdes.String().serializer(),
            Serdes.ByteArray().serializer(),
            "caps");
  }

  private final class CapProcessor implements Processor<String, byte[], String, byte[]> {
    private final JsonCodec<Send> sends = JsonCodec.of(Send.class);
    private final JsonCodec<FrequencyCapDecision> decisions =
        JsonCodec.of(FrequencyCapDecision.class);
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;
    private long seq;

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
      this.context = context;
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      try {
        Send send = sends.read(record.value());
        if (send.category() == Category.PROMOTIONAL) {
          byte[] instants = next(store.get(send.recipientId()), send.eventTime());
          store.put(send.recipientId(), instants);
          FrequencyCapDecision decision = decision(send, instants);
          context.forward(record.withKey(decision.key()).withValue(decisions.write(decision)));
        }
      } catch (UnreadableException e) {
        throw new IllegalStateException(e);
      }
      if (left.decrementAndGet() == 0) {
        done.countDown();
      }
    }

    /** The newest messages within the window, in order, at most as many as the limit. */
    private static byte[] next(byte[] known, long at) {
      ByteBuffer before = ByteBuffer.wrap(known == null ? new byte[0] : known);
      int skip = known != null && known.length == LIMIT * Long.BYTES ? 1 : 0;
      for (int i = skip; i * Long.BYTES < before.capacity(); i++) {
        skip += before.getLong(i * Long.BYTES) <= at - WINDOW_MILLIS ? 1 : 0;
      }
      before.position(skip * Long.BYTES);
      return ByteBuffer.allocate(before.remaining() + Long.BYTES).put(before).putLong(at).array();
    }

    private FrequencyCapDecision decision(Send send, byte[] instants) {
      int remaining = LIMIT - instants.length / Long.BYTES;
      Long next = remaining > 0 ? null : ByteBuffer.wrap(instants).getLong(0) + WINDOW_MILLIS;
      return new FrequencyCapDecision(
          send.recipientId() + "-" + send.eventTime(),
          send.eventTime(),
          System.currentTimeMillis(),
          List.of(remaining > 0 ? ReasonCode.WITHIN_POLICY : ReasonCode.CAP_REACHED),
          seq++,
          "bench",
          send.recipientId(),
          Category.PROMOTIONAL,
          "all",
          remaining > 0 ? CapState.OPEN : CapState.CAPPED,
          remaining,
          next,
          next,
          CapSource.FIXED);
    }
  }
}
