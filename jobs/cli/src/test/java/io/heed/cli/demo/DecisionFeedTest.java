package io.heed.cli.demo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
    try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest")) {
      for (String topic : names.of(DecisionFeed.TOPICS)) {
        Node[] nodes = {};
        consumer.updatePartitions(
            topic, List.of(new PartitionInfo(topic, 0, Node.noNode(), nodes, nodes)));
      }
      Map<TopicPartition, Long> ends =
          names.of(DecisionFeed.TOPICS).stream()
              .collect(Collectors.toMap(topic -> new TopicPartition(topic, 0), topic -> 0L));
      consumer.updateEndOffsets(ends);
      consumer.setPollException(
          new TopicAuthorizationException(Set.of("try.sms.decision.suppression")));
      assertThatThrownBy(
              () -> new DecisionFeed(KafkaCluster.at("broker:9092"), names, "r", "e", consumer))
          .isInstanceOf(UserError.class)
          .hasMessageContainingAll(
              "Kafka at broker:9092", "[try.sms.decision.suppression]", "grant the user READ on");
    }
  }
}
