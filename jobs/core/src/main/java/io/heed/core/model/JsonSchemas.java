package io.heed.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.RecordShape.Component;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** JSON Schemas (2020-12) of the topics, from the same records that the codec reads. */
public final class JsonSchemas {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonSchemas() {}

  /** The schema of every topic, by file name, such as {@code sms.send.schema.json}. */
  public static Map<String, ObjectNode> all() {
    Map<String, ObjectNode> schemas = new LinkedHashMap<>();
    for (Topic topic : Topic.values()) {
      schemas.put(topic.baseName() + ".schema.json", of(topic));
    }
    return schemas;
  }

  /** The schema of what a topic carries. */
  public static ObjectNode of(Topic topic) {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", topic.baseName());
    if (topic.type() == ResultRow.class) {
      ArrayNode rows = schema.put("type", "object").putArray("oneOf");
      new TreeMap<>(TopicCodec.ROWS).values().forEach(type -> rows.add(object(type)));
      return schema;
    }
    schema.setAll(object(topic.type()));
    return schema;
  }

  private static ObjectNode object(Class<?> type) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (Component component : RecordShape.of(type).components()) {
      ObjectNode property = property(component);
      if (component.required()) {
        required.add(component.name());
        properties.set(component.name(), property);
      } else {
        ObjectNode optional = JSON.createObjectNode();
        optional.set("description", property.remove("description"));
        ArrayNode either = optional.putArray("anyOf").add(property);
        either.addObject().put("type", "null");
        if (component.pattern() != null) {
          either.addObject().put("const", "");
        }
        properties.set(component.name(), optional);
      }
    }
    return schema;
  }

  private static ObjectNode property(Component component) {
    ObjectNode schema = JSON.createObjectNode().put("description", component.spec().value());
    switch (component.kind()) {
      case TEXT -> {
        if (component.name().equals("recipient_id")) {
          schema.putArray("type").add("string").add("integer");
        } else {
          schema.put("type", "string");
        }
        schema.put("maxLength", component.maxCharacters());
        if (component.required() && !component.spec().mayBeEmpty()) {
          schema.put("minLength", 1);
        }
        if (component.pattern() != null) {
          schema.put("pattern", "^(?:" + component.pattern() + ")$");
        }
      }
      case INTEGER -> {
        schema.put("type", "integer");
        schema.put("minimum", component.least()).put("maximum", component.most());
      }
      case BOOLEAN -> schema.put("type", "boolean");
      case DOUBLE -> schema.put("type", "number");
      case DECIMAL ->
          schema
              .put("type", "number")
              .put("minimum", component.least())
              .put("maximum", component.most());
      case ENUM -> oneOf(schema.put("type", "string"), component);
      case TEXTS ->
          array(schema, component)
              .putObject("items")
              .put("type", "string")
              .put("maxLength", component.maxCharacters());
      case ENUMS ->
          oneOf(array(schema, component).putObject("items").put("type", "string"), component);
      case RECORD -> schema.setAll(object(component.type()));
      case RECORDS -> array(schema, component).set("items", object(component.type()));
      case SHARES ->
          object(schema, component).putObject("additionalProperties").put("type", "number");
      case FREE -> object(schema, component);
    }
    return schema;
  }

  private static ObjectNode array(ObjectNode schema, Component component) {
    return schema.put("type", "array").put("maxItems", component.spec().items());
  }

  private static ObjectNode object(ObjectNode schema, Component component) {
    schema.put("type", "object").put("maxProperties", component.spec().items());
    schema.putObject("propertyNames").put("maxLength", Field.TEXT);
    return schema;
  }

  private static void oneOf(ObjectNode schema, Component component) {
    ArrayNode allowed = schema.putArray("enum");
    new TreeSet<>(component.constants().keySet()).forEach(allowed::add);
  }
}
