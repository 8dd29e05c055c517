package io.heed.core.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.heed.core.model.RecordShape.Component;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An object of any fields, such as an alert's evidence, within bounds: its values at any depth, the
 * depth, and the length of each name and text. What is read beyond them is refused; what is written
 * is cut to them, so that everything that is written can be read.
 */
final class FreeObject {
  private static final int MAX_DEPTH = 4;

  private final Component component;
  private int values;

  FreeObject(Component component) {
    this.component = component;
  }

  /** Reads an object whose start was read. */
  Map<String, Object> read(JsonParser parser) throws IOException, UnreadableException {
    return object(parser, 1);
  }

  private Map<String, Object> object(JsonParser parser, int depth)
      throws IOException, UnreadableException {
    Map<String, Object> fields = new LinkedHashMap<>();
    String name;
    while ((name = parser.nextFieldName()) != null) {
      ValueChecks.bounded(name, Field.TEXT, component);
      fields.put(name, value(parser, parser.nextToken(), depth));
    }
    return fields;
  }

  private Object value(JsonParser parser, JsonToken token, int depth)
      throws IOException, UnreadableException {
    ValueChecks.expect(
        ++values <= component.spec().items(),
        component,
        "more than " + component.spec().items() + " values");
    ValueChecks.expect(
        depth < MAX_DEPTH || token.isScalarValue(),
        component,
        "nested more than " + MAX_DEPTH + " deep");
    return switch (token) {
      case START_OBJECT -> object(parser, depth + 1);
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
          list.add(value(parser, token, depth + 1));
        }
        yield list;
      }
      case VALUE_STRING ->
          ValueChecks.bounded(parser.getText(), component.maxCharacters(), component);
      case VALUE_NUMBER_INT -> {
        double value = ValueChecks.fraction(parser, component);
        yield Math.abs(value) <= Field.SAFE_INTEGER
            ? (Object) parser.getLongValue()
            : (Object) value;
      }
      case VALUE_NUMBER_FLOAT -> ValueChecks.fraction(parser, component);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** Writes an object of texts, numbers, booleans, lists and maps. */
  void write(Map<?, ?> fields, JsonGenerator json) throws IOException {
    write(fields, json, 1);
  }

  private void write(Object value, JsonGenerator json, int depth) throws IOException {
    if (value instanceof Map<?, ?> fields && depth <= MAX_DEPTH) {
      json.writeStartObject();
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        if (++values <= component.spec().items()) {
          json.writeFieldName(text(field.getKey(), Field.TEXT));
          write(field.getValue(), json, depth + 1);
        }
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list && depth <= MAX_DEPTH) {
      json.writeStartArray();
      for (Object element : list) {
        if (++values <= component.spec().items()) {
          write(element, json, depth + 1);
        }
      }
      json.writeEndArray();
    } else if (value instanceof Long || value instanceof Integer) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      json.writeNumber(number.doubleValue());
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(text(value, component.maxCharacters()));
    }
  }

  private static String text(Object value, int most) {
    return Texts.cut(Texts.wellFormed(value.toString()), most);
  }
}
