package io.heed.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * The AsyncAPI 3.0.0 document of a deployment's topics, from the same records as {@link
 * JsonSchemas}. Operations are Heed's own: what it receives, others send.
 */
public final class AsyncApi {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String KAFKA_BINDING = "0.5.0";

  /** What others may publish, and what Heed publishes beside its decisions. */
  private static final Set<Topic> RECEIVED_TOO =
      Set.of(Topic.CONFIG, Topic.TIME_MARK, Topic.ERASURE);

  private static final Set<Topic> SENT_TOO = Set.of(Topic.ASSIGNMENT);

  private AsyncApi() {}

  /** The document for topics of these names. */
  public static ObjectNode of(TopicNames names) {
    ObjectNode document = JSON.createObjectNode().put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "Heed")
        .put("version", "0.1.0")
        .put(
            "description",
            "Listens to how the people on an SMS list respond, and sends decisions back."
                + " Records about one recipient lie in the partition that Kafka's default"
                + " partitioner gives its recipient_id, whatever their key.")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("url", "https://www.apache.org/licenses/LICENSE-2.0");
    document.put("defaultContentType", "application/json");
    ObjectNode channels = document.putObject("channels");
    ObjectNode operations = document.putObject("operations");
    ObjectNode messages = document.putObject("components").putObject("messages");
    for (Topic topic : Topic.values()) {
      String name = topic.baseName();
      messages.set(name, message(topic));
      channels.set(name, channel(topic, names));
      boolean received = topic.carriesEvents() || RECEIVED_TOO.contains(topic);
      if (received) {
        operation(operations, "receive", name);
      }
      if (!received || SENT_TOO.contains(topic)) {
        operation(operations, "send", name);
      }
    }
    return document;
  }

  private static void operation(ObjectNode operations, String action, String name) {
    operations
        .putObject(action + "-" + name)
        .put("action", action)
        .putObject("channel")
        .put("$ref", "#/channels/" + name);
  }

  private static ObjectNode channel(Topic topic, TopicNames names) {
    ObjectNode channel = JSON.createObjectNode().put("address", names.of(topic));
    channel
        .putObject("messages")
        .putObject("record")
        .put("$ref", "#/components/messages/" + topic.baseName());
    ObjectNode kafka = channel.putObject("bindings").putObject("kafka");
    ObjectNode configuration = kafka.putObject("topicConfiguration");
    boolean compacted = topic.retention() == Topic.Retention.COMPACTED;
    configuration.putArray("cleanup.policy").add(compacted ? "compact" : "delete");
    if (!compacted) {
      configuration.put("retention.ms", topic.retention().millis());
    }
    kafka.put("bindingVersion", KAFKA_BINDING);
    return channel;
  }

  private static ObjectNode message(Topic topic) {
    ObjectNode message =
        JSON.createObjectNode()
            .put("name", topic.type().getSimpleName())
            .put("contentType", "application/json");
    // The schemas keep to what JSON Schema draft 7, the language of AsyncAPI's payloads, has too.
    ObjectNode payload = JsonSchemas.of(topic);
    payload.remove("$schema");
    message.set("payload", payload);
    ObjectNode kafka = message.putObject("bindings").putObject("kafka");
    kafka.putObject("key").put("type", "string").put("description", key(topic));
    kafka.put("bindingVersion", KAFKA_BINDING);
    return message;
  }

  private static String key(Topic topic) {
    return switch (topic) {
      case SEND,
          DELIVERY,
          CLICK,
          REPLY,
          OPT_OUT,
          OPT_IN,
          CONVERSION,
          TOUCH,
          ASSIGNMENT,
          SEND_REQUEST,
          SEND_VERDICT ->
          "recipient_id";
      case SUPPRESSION -> "recipient_id|scope";
      case FREQUENCY_CAP -> "recipient_id|category|scope";
      case EXPERIMENT -> "experiment_id";
      case HEARTBEAT -> "partition";
      case RECIPIENT_SIGNAL -> "recipient_id|signal";
      case VALUE_MODEL -> "list_id|part";
      case ALERT -> "alert_id";
      case LIST_HEALTH_RESULT, ATTRIBUTION_RESULT, EXPERIMENT_RESULT -> "the row's key";
      case DEAD_LETTER -> "topic|partition|offset";
      case CONFIG -> "kind|id|config_hash";
      case PIPELINE_METRIC -> "none";
      case TIME_MARK -> "none";
      case ERASURE -> "recipient_hash";
    };
  }
}
