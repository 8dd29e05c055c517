package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.heed.cli.local.LocalStack;
import io.heed.core.model.AsyncApi;
import io.heed.core.model.JsonSchemas;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Every record of every topic, against its JSON Schema and the AsyncAPI document. */
final class DemoRecords {
  private static final JsonMapper JSON = new JsonMapper();

  private final LocalStack stack;
  private final JsonNode messages = AsyncApi.of(new TopicNames("")).at("/components/messages");
  private final TopicCodec codec = new TopicCodec();
  private final Map<Topic, Integer> checked = new EnumMap<>(Topic.class);

  DemoRecords(LocalStack stack) {
    this.stack = stack;
  }

  void areAllAsTheirSchemasSay() {
    JobOptions options = JobOptions.fromArgs("--kafka", stack.endpoints().kafka());
    try (TopicReader reader = new TopicReader(options, "test")) {
      for (Topic topic : Topic.values()) {
        JsonSchema schema =
            JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(JsonSchemas.of(topic));
        JsonSchema payload =
            JsonSchemaFactory.getInstance(VersionFlag.V7)
                .getSchema(messages.path(topic.baseName()).path("payload"));
        reader.readToEnd(topic, Map.of(), record -> check(topic, record, schema, payload));
      }
    }
    assertThat(checked)
        .as("records by topic")
        .containsKeys(
            Topic.SEND,
            Topic.SEND_REQUEST,
            Topic.SUPPRESSION,
            Topic.FREQUENCY_CAP,
            Topic.SEND_VERDICT,
            Topic.HEARTBEAT,
            Topic.LIST_HEALTH_RESULT,
            Topic.ATTRIBUTION_RESULT,
            Topic.DEAD_LETTER,
            Topic.CONFIG,
            Topic.ERASURE);
  }

  private void check(
      Topic topic, ConsumerRecord<byte[], byte[]> record, JsonSchema schema, JsonSchema payload) {
    if (record.value() == null) {
      return;
    }
    try {
      codec.read(topic, record.key(), record.value(), record.timestamp());
      JsonNode json = JSON.readTree(record.value());
      assertThat(schema.validate(json)).as("%s", record).isEmpty();
      assertThat(payload.validate(json)).as("%s", record).isEmpty();
      checked.merge(topic, 1, Integer::sum);
    } catch (UnreadableException e) {
      // What the demo breaks on purpose is a dead letter; what Heed writes is never broken.
      assertThat(topic.carriesEvents()).as("%s: %s", topic, e.getMessage()).isTrue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
