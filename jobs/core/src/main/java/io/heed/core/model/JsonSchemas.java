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
        schema.put("type", "string");
        if (component.required() && !component.spec().mayBeEmpty()) {
          schema.put("minLength", 1);
        }
        if (component.pattern() != null) {
          schema.put("pattern", "^(?:" + component.pattern() + ")$");
        }
      }
      case INTEGER -> {
        schema.put("type", "integer");
        long least = component.is32Bit() ? Integer.MIN_VALUE : Long.MIN_VALUE;
        schema.put("minimum", Math.max(least, component.spec().min()));
        schema.put("maximum", component.is32Bit() ? Integer.MAX_VALUE : Long.MAX_VALUE);
      }
      case BOOLEAN -> schema.put("type", "boolean");
      case DOUBLE, DECIMAL -> schema.put("type", "number");
      case ENUM -> oneOf(schema.put("type", "string"), component);
      case TEXTS -> schema.put("type", "array").putObject("items").put("type", "string");
      case ENUMS ->
          oneOf(schema.put("type", "array").putObject("items").put("type", "string"), component);
      case RECORD -> schema.setAll(object(component.type()));
      case RECORDS -> schema.put("type", "array").set("items", object(component.type()));
      case SHARES ->
          schema.put("type", "object").putObject("additionalProperties").put("type", "number");
      case FREE -> schema.put("type", "object");
    }
    return schema;
  }

  private static void oneOf(ObjectNode schema, Component component) {
    ArrayNode allowed = schema.putArray("enum");
    new TreeSet<>(component.constants().keySet()).forEach(allowed::add);
  }
}
