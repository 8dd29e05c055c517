package io.heed.flink.warehouse;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The driver alone, on the job's own rows and batches: what the job's speed is held against. */
public final class DriverBaseline {
  private final Database database;
  private final List<List<Row>> batches = new ArrayList<>();

  /** Takes all events that the topics hold at this moment into memory. */
  public DriverBaseline(JobOptions options) {
    this.database = new Database(options);
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    TopicNames names = options.topicNames();
    TopicCodec codec = new TopicCodec();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          names.of(Topic.events()).stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          add(row(record, names.topic(record.topic()), codec));
        }
      }
    }
  }

  private static Row row(ConsumerRecord<byte[], byte[]> record, Topic topic, TopicCodec codec) {
    Input input =
        Input.decode(
            codec,
            topic,
            record.partition(),
            record.offset(),
            record.timestamp(),
            record.key(),
            record.value());
    return Row.of(input, record.topic());
  }

  private void add(Row row) {
    if (batches.isEmpty() || batches.get(batches.size() - 1).size() == WarehouseWriter.MAX_ROWS) {
      batches.add(new ArrayList<>(WarehouseWriter.MAX_ROWS));
    }
    batches.get(batches.size() - 1).add(row);
  }

  /** Makes the tables if they are missing. */
  public void migrate() throws SQLException {
    Migrations.apply(database);
  }

  /** Inserts the events into table {@code events}, one batch after the other. */
  public void insert() throws SQLException {
    try (TableInserter inserter = new TableInserter(database, Table.ALL.get("events"))) {
      for (List<Row> batch : batches) {
        inserter.insert(batch);
      }
    }
  }
}
