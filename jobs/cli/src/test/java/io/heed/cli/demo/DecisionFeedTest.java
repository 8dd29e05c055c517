package io.heed.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class DecisionFeedTest {
  /** The feed is made before anything is published. */
  @Test
  void aRightThatIsMissingIsNamedAtOnce() {
    TopicNames names = new TopicNames("try.");
    try (MockConsumer<byte[], byte[]> consumer = consumer(names)) {
      consumer.setPollException(
          new TopicAuthorizationException(Set.of("try.sms.decision.suppression")));
      assertThatThrownBy(
              () -> new DecisionFeed(KafkaCluster.at("broker:9092"), names, "r", "e", consumer))
          .isInstanceOf(UserError.class)
          .hasMessageContainingAll(
              "Kafka at broker:9092", "[try.sms.decision.suppression]", "grant the user READ on");
    }
  }

  /** A partition that is behind keeps live traffic waiting, however far the others are. */
  @Test
  void theGateIsAsFarAsItsSlowestPartition() {
    TopicNames names = new TopicNames("");
    TopicPartition heartbeats = new TopicPartition(Topic.HEARTBEAT.baseName(), 0);
    try (MockConsumer<byte[], byte[]> consumer = consumer(names);
        DecisionFeed feed =
            new DecisionFeed(KafkaCluster.at("broker:9092"), names, "r", "e", consumer)) {
      assertThat(feed.gateTime()).isEmpty();
      long offset = 0;
      for (Heartbeat heartbeat :
          List.of(
              new Heartbeat(0, 5_000, true, 9_000, "gate", 1L),
              new Heartbeat(1, 7_000, true, 9_000, "gate", 1L),
              new Heartbeat(0, 6_000, true, 10_000, "gate", 1L))) {
        consumer.addRecord(
            new ConsumerRecord<>(
                heartbeats.topic(),
                0,
                offset++,
                new byte[0],
                JsonCodec.of(Heartbeat.class).write(heartbeat)));
      }
      assertThat(feed.poll()).isEmpty();
      assertThat(feed.gateTime()).hasValue(6_000);
    }
  }

  private static MockConsumer<byte[], byte[]> consumer(TopicNames names) {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest");
    Node[] nodes = {};
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (String topic : names.of(DecisionFeed.TOPICS)) {
      consumer.updatePartitions(
          topic, List.of(new PartitionInfo(topic, 0, Node.noNode(), nodes, nodes)));
      ends.put(new TopicPartition(topic, 0), 0L);
    }
    consumer.updateEndOffsets(ends);
    return consumer;
  }
}
