package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.RecordShape.Kind;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Codec and schema are two readings of the same records: they must never disagree. */
class SchemaAgreementTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  /** The language of payloads in AsyncAPI. */
  private static final JsonSchemaFactory DRAFT_7 =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7);

  /** So late that every event_time may come before it: no schema knows that rule. */
  private static final long APPENDED = 1L << 60;

  private final TopicCodec codec = new TopicCodec();

  @ParameterizedTest
  @EnumSource(Topic.class)
  void agreeOnValidAndInvalidExamples(Topic topic) {
    JsonSchema schema = SCHEMAS.getSchema(JsonSchemas.of(topic));
    JsonSchema draft7 = DRAFT_7.getSchema(JsonSchemas.of(topic).without("$schema"));
    int valid = 0;
    int invalid = 0;
    for (Class<?> type : typesOf(topic)) {
      for (ObjectNode example : examples(type)) {
        boolean bySchema = schema.validate(example).isEmpty();
        boolean byCodec = reads(topic, example);
        assertThat(byCodec).as("codec and schema on %s", example).isEqualTo(bySchema);
        assertThat(draft7.validate(example).isEmpty())
            .as("read as draft 7, %s", example)
            .isEqualTo(bySchema);
        if (bySchema) {
          valid++;
        } else {
          invalid++;
        }
      }
    }
    assertThat(valid).isPositive();
    assertThat(invalid).isPositive();
  }

  @Test
  void committedSchemasAreTheGeneratedOnes() throws IOException {
    Path folder = Path.of("../../docs/schemas");
    for (Map.Entry<String, ObjectNode> schema : JsonSchemas.all().entrySet()) {
      Path file = folder.resolve(schema.getKey());
      String generated =
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema.getValue()) + "\n";
      if (Boolean.getBoolean("heed.regenerate")) {
        Files.createDirectories(folder);
        Files.writeString(file, generated);
      }
      assertThat(file)
          .as("regenerate with: mvn test -pl jobs/core -Dheed.regenerate=true")
          .hasContent(generated);
    }
  }

  @ParameterizedTest
  @EnumSource(Topic.class)
  void thePageOfTopicsSaysHowLongEachIsKept(Topic topic) throws IOException {
    String kept =
        switch (topic.retention()) {
          case HORIZON -> "40 days";
          case WEEK -> "7 days";
          case FOREVER -> "for ever";
          case COMPACTED -> "newest per key|for ever|every version";
        };
    assertThat(Files.readAllLines(Path.of("../../docs/topics.md")))
        .filteredOn(line -> line.startsWith("| `" + topic.baseName() + "` |"))
        .singleElement(InstanceOfAssertFactories.STRING)
        .matches(".*\\| (" + kept + ") \\|");
  }

  private boolean reads(Topic topic, JsonNode example) {
    try {
      codec.read(topic, example.toString().getBytes(StandardCharsets.UTF_8), APPENDED);
      return true;
    } catch (UnreadableException e) {
      assertThat(e).hasMessageContaining(":");
      return false;
    }
  }

  private static List<Class<?>> typesOf(Topic topic) {
    return topic.type() == ResultRow.class
        ? List.copyOf(TopicCodec.ROWS.values())
        : List.of(topic.type());
  }

  /** A full example, then that example with each field left out, nulled, and spoilt in turn. */
  private static List<ObjectNode> examples(Class<?> type) {
    ObjectNode full = full(type);
    List<ObjectNode> examples = new ArrayList<>();
    examples.add(full);
    examples.add(full.deepCopy().put("unknown_field", 1));
    for (Component component : RecordShape.of(type).components()) {
      ObjectNode without = full.deepCopy();
      without.remove(component.name());
      examples.add(without);
      examples.add(full.deepCopy().putNull(component.name()));
      List<JsonNode> values = new ArrayList<>(spoilt());
      values.addAll(atItsBounds(component));
      for (JsonNode value : values) {
        ObjectNode example = full.deepCopy();
        example.set(component.name(), value);
        examples.add(example);
      }
    }
    return examples;
  }

  private static List<JsonNode> spoilt() {
    return List.of(
        JSON.getNodeFactory().textNode(""),
        JSON.getNodeFactory().textNode("NO SUCH"),
        JSON.getNodeFactory().textNode("word"),
        JSON.getNodeFactory().numberNode(-1),
        JSON.getNodeFactory().numberNode(0),
        JSON.getNodeFactory().numberNode(1.5),
        JSON.getNodeFactory().numberNode(new BigDecimal("60.0")),
        JSON.getNodeFactory().numberNode(946_684_799_999L),
        JSON.getNodeFactory().numberNode(946_684_800_000L),
        JSON.getNodeFactory().numberNode(3_000_000_000L),
        JSON.getNodeFactory().numberNode(new BigInteger("99999999999999999999")),
        JSON.getNodeFactory().booleanNode(true),
        JSON.createArrayNode(),
        JSON.createArrayNode().add("x"),
        JSON.createArrayNode().add(1),
        JSON.createObjectNode(),
        JSON.createObjectNode().put("a", 0.5),
        JSON.createObjectNode().put("a", "b"));
  }

  /** The largest value and the smallest one beyond it. */
  private static List<JsonNode> atItsBounds(Component component) {
    int items = component.spec().items();
    return switch (component.kind()) {
      case TEXT ->
          List.of(
              text(component.maxCharacters()),
              text(component.maxCharacters() + 1),
              // Two UTF-16 characters each, and one of those that bounds are counted in.
              JSON.getNodeFactory()
                  .textNode("\uD83D\uDE00".repeat(Math.min(256, component.maxCharacters()))));
      case INTEGER, DECIMAL ->
          List.of(
              integer(component.most(), 0),
              integer(component.most(), 1),
              integer(component.least(), 0),
              integer(component.least(), -1));
      case TEXTS ->
          List.of(
              array(items, text(1)),
              array(items + 1, text(1)),
              array(1, text(component.maxCharacters())),
              array(1, text(component.maxCharacters() + 1)));
      case ENUMS -> {
        JsonNode constant = value(component).get(0);
        yield List.of(array(items, constant), array(items + 1, constant));
      }
      case RECORDS -> {
        JsonNode element = full(component.type());
        yield List.of(array(items, element), array(items + 1, element));
      }
      case SHARES, FREE -> {
        ObjectNode object = JSON.createObjectNode();
        IntStream.range(0, items).forEach(i -> object.put("a" + i, 0.5));
        yield List.of(
            object,
            object.deepCopy().put("b", 0.5),
            JSON.createObjectNode().put("x".repeat(256), 0.5),
            JSON.createObjectNode().put("x".repeat(257), 0.5));
      }
      case BOOLEAN, DOUBLE, ENUM, RECORD -> List.of();
    };
  }

  private static JsonNode text(int characters) {
    return JSON.getNodeFactory().textNode("x".repeat(characters));
  }

  private static JsonNode integer(long bound, long beyond) {
    return JSON.getNodeFactory()
        .numberNode(BigInteger.valueOf(bound).add(BigInteger.valueOf(beyond)));
  }

  private static JsonNode array(int size, JsonNode element) {
    ArrayNode array = JSON.createArrayNode();
    Collections.nCopies(size, element).forEach(array::add);
    return array;
  }

  private static ObjectNode full(Class<?> type) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (Component component : RecordShape.of(type).components()) {
      values.put(component.name(), value(component));
    }
    ObjectNode node = JSON.createObjectNode();
    node.setAll(values);
    return node;
  }

  private static JsonNode value(Component component) {
    Kind kind = component.kind();
    return switch (kind) {
      case TEXT ->
          JSON.getNodeFactory()
              .textNode(
                  component.pattern() == null || component.pattern().matcher("email").matches()
                      ? "email"
                      : component.pattern().pattern());
      case INTEGER ->
          JSON.getNodeFactory()
              .numberNode(component.is32Bit() ? 3 : Math.max(component.spec().min(), 5));
      case BOOLEAN -> JSON.getNodeFactory().booleanNode(true);
      case DOUBLE, DECIMAL -> JSON.getNodeFactory().numberNode(0.25);
      case ENUM -> JSON.getNodeFactory().textNode(component.constants().keySet().iterator().next());
      case TEXTS -> JSON.createArrayNode().add("tag");
      case ENUMS -> JSON.createArrayNode().add(component.constants().keySet().iterator().next());
      case RECORD -> full(component.type());
      case RECORDS -> JSON.createArrayNode().add(full(component.type()));
      case SHARES -> JSON.createObjectNode().put("a", 0.5);
      case FREE -> JSON.createObjectNode().put("a", "b");
    };
  }
}
