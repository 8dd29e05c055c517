package io.heed.core.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.RecordShape.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads and writes one record type as a JSON object (UTF-8, snake_case names). Strict in what it
 * accepts, since an event that is misread is worse than one that is set aside: what breaks a rule
 * of the record's {@link Field}s is refused with a reason. Unknown fields are ignored, null is
 * absent, and an optional text that is empty is absent.
 *
 * @param <T> the record type
 */
public final class JsonCodec<T> {
  /** Texts that producers write as numbers, too. */
  private static final Set<String> OR_DIGITS = Set.of("recipient_id", "error_code");

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Field names come from outside: neither intern them for ever, nor fail on collisions.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .build();

  private static final String INTEGER_NEEDED = "an integer of 64 bits is needed";

  private final RecordShape<T> shape;
  private final Component[] components;

  private JsonCodec(RecordShape<T> shape) {
    this.shape = shape;
    this.components = shape.components().toArray(Component[]::new);
  }

  /** The factory of parsers for records from outside. */
  public static JsonFactory factory() {
    return FACTORY;
  }

  public static <T> JsonCodec<T> of(Class<T> type) {
    return new JsonCodec<>(RecordShape.of(type));
  }

  /**
   * Reads one record.
   *
   * @throws UnreadableException with the field, what is wrong and what is allowed
   */
  public T read(byte[] json) throws UnreadableException {
    if (json == null) {
      throw new UnreadableException("no value: a JSON object is needed");
    }
    try {
      return read(FACTORY.createParser(json));
    } catch (IOException e) {
      String text = withEscapes(json);
      if (text != null) {
        try {
          return read(FACTORY.createParser(text));
        } catch (IOException again) {
          // Broken in any case: where in the bytes is what helps.
        }
      }
      throw unreadable(e);
    }
  }

  private T read(JsonParser json) throws IOException, UnreadableException {
    try (JsonParser parser = json) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnreadableException("not a JSON object");
      }
      T record = readObject(parser, shape, components);
      if (parser.nextToken() != null) {
        throw new UnreadableException("not JSON: text follows the object");
      }
      return record;
    }
  }

  /**
   * The text of JSON with escapes, or null. Jackson (2.21) refuses a name with an escaped emoji, as
   * Python writes it, when it reads bytes, but not when it reads characters, which takes longer.
   */
  private static String withEscapes(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    boolean wellFormed = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), json);
    return wellFormed && text.contains("\\u") ? text : null;
  }

  private static UnreadableException unreadable(IOException e) {
    if (e instanceof JsonProcessingException json) {
      long at = json.getLocation() == null ? 0 : Math.max(0, json.getLocation().getByteOffset());
      return new UnreadableException("not JSON at byte " + at + ": " + firstLine(json));
    }
    return new UnreadableException("not JSON: " + e.getMessage());
  }

  /** Writes one record; absent fields are left out. */
  public byte[] write(T record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      writeObject(generator, components, record);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static <R> R readObject(JsonParser parser, RecordShape<R> shape, Component[] components)
      throws IOException, UnreadableException {
    Object[] values = new Object[components.length];
    String name;
    while ((name = parser.nextFieldName()) != null) {
      JsonToken token = parser.nextToken();
      int index = shape.indexOf(name);
      if (index < 0) {
        parser.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        values[index] = readValue(parser, token, components[index]);
      }
    }
    for (int i = 0; i < components.length; i++) {
      if (values[i] == null) {
        if (components[i].required()) {
          throw new UnreadableException(components[i].name() + ": required, but missing");
        }
        values[i] = components[i].absent();
      }
    }
    return shape.build(values);
  }

  private static Object readValue(JsonParser parser, JsonToken token, Component component)
      throws IOException, UnreadableException {
    return switch (component.kind()) {
      case TEXT -> {
        if (token.isNumeric() && OR_DIGITS.contains(component.name())) {
          yield digits(parser, token, component);
        }
        ValueChecks.expect(token == JsonToken.VALUE_STRING, component, "a string is needed");
        yield text(parser.getText(), component);
      }
      case INTEGER -> integer(parser, token, component);
      case BOOLEAN -> {
        ValueChecks.expect(token.isBoolean(), component, "true or false is needed");
        yield token == JsonToken.VALUE_TRUE;
      }
      case DOUBLE -> {
        ValueChecks.expect(token.isNumeric(), component, "a number is needed");
        yield ValueChecks.fraction(parser, component);
      }
      case DECIMAL -> {
        ValueChecks.expect(token.isNumeric(), component, "a number is needed");
        yield decimal(parser, component);
      }
      case ENUM -> {
        ValueChecks.expect(token == JsonToken.VALUE_STRING, component, "a string is needed");
        yield constant(parser.getText(), component);
      }
      case RECORD -> nested(parser, token, component);
      case TEXTS, ENUMS, RECORDS -> {
        ValueChecks.expect(token == JsonToken.START_ARRAY, component, "an array is needed");
        List<Object> list = new ArrayList<>();
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
          expectRoom(list.size(), component);
          list.add(element(parser, token, component));
        }
        yield List.copyOf(list);
      }
      case SHARES -> {
        ValueChecks.expect(token == JsonToken.START_OBJECT, component, "an object is needed");
        Map<String, Double> shares = new LinkedHashMap<>();
        String name;
        while ((name = parser.nextFieldName()) != null) {
          expectRoom(shares.size(), component);
          ValueChecks.bounded(name, Field.TEXT, component);
          ValueChecks.expect(parser.nextToken().isNumeric(), component, "numbers are needed");
          shares.put(name, ValueChecks.fraction(parser, component));
        }
        yield shares;
      }
      case FREE -> {
        ValueChecks.expect(token == JsonToken.START_OBJECT, component, "an object is needed");
        yield new FreeObject(component).read(parser);
      }
    };
  }

  private static Object nested(JsonParser parser, JsonToken token, Component component)
      throws IOException, UnreadableException {
    ValueChecks.expect(token == JsonToken.START_OBJECT, component, "an object is needed");
    RecordShape<?> nested = RecordShape.of(component.type());
    return readObject(parser, nested, nested.components().toArray(Component[]::new));
  }

  private static Object element(JsonParser parser, JsonToken token, Component component)
      throws IOException, UnreadableException {
    if (component.kind() == Kind.RECORDS) {
      return nested(parser, token, component);
    }
    ValueChecks.expect(token == JsonToken.VALUE_STRING, component, "strings are needed");
    return component.kind() == Kind.ENUMS
        ? constant(parser.getText(), component)
        : ValueChecks.bounded(parser.getText(), component.maxCharacters(), component);
  }

  private static String text(String text, Component component) throws UnreadableException {
    if (text.isEmpty() && !component.spec().mayBeEmpty()) {
      ValueChecks.expect(!component.required(), component, "required, but empty");
      return null;
    }
    ValueChecks.bounded(text, component.maxCharacters(), component);
    if (component.pattern() != null && !component.pattern().matcher(text).matches()) {
      throw new UnreadableException(
          component.name() + ": '" + shorten(text) + "' does not match " + component.pattern());
    }
    return text;
  }

  /** A phone number, or an error code, that a producer writes as a number is the same. */
  private static String digits(JsonParser parser, JsonToken token, Component component)
      throws IOException, UnreadableException {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return ValueChecks.bounded(parser.getText(), component.maxCharacters(), component);
    }
    double value = parser.getDoubleValue();
    ValueChecks.expect(
        value == Math.rint(value) && Math.abs(value) < 1e16, component, "a string is needed");
    return String.valueOf((long) value);
  }

  private static Object integer(JsonParser parser, JsonToken token, Component component)
      throws IOException, UnreadableException {
    ValueChecks.expect(token.isNumeric(), component, "an integer is needed");
    long value;
    try {
      if (token == JsonToken.VALUE_NUMBER_INT) {
        value = parser.getLongValue();
      } else {
        // 5.0 and 5e0 are integers in JSON, too.
        BigDecimal number = judged(parser);
        ValueChecks.expect(number != null, component, INTEGER_NEEDED);
        value = number.longValueExact();
      }
    } catch (ArithmeticException | JsonProcessingException e) {
      throw new UnreadableException(component.name() + ": " + INTEGER_NEEDED);
    }
    if (value < component.least()) {
      long least = component.least();
      throw new UnreadableException(
          component.name()
              + ": "
              + value
              + " is below "
              + least
              + (least == Event.EARLIEST ? " (" + Instant.ofEpochMilli(least) + ")" : ""));
    }
    if (value > component.most()) {
      throw new UnreadableException(
          component.name() + ": " + value + " is above " + component.most());
    }
    return component.is32Bit() ? (Object) (int) value : (Object) value;
  }

  private static BigDecimal decimal(JsonParser parser, Component component)
      throws IOException, UnreadableException {
    BigDecimal value = judged(parser);
    ValueChecks.expect(
        value != null
            && value.compareTo(BigDecimal.valueOf(component.least())) >= 0
            && value.compareTo(BigDecimal.valueOf(component.most())) <= 0,
        component,
        "a number from " + component.least() + " to " + component.most() + " is needed");
    return value;
  }

  /** A number that is judged by its digits before it is expanded; null if they are too many. */
  private static BigDecimal judged(JsonParser parser) throws IOException {
    return parser.getTextLength() > Decimals.MAX_CHARACTERS
        ? null
        : Decimals.parse(parser.getText());
  }

  private static void expectRoom(int taken, Component component) throws UnreadableException {
    if (taken >= component.spec().items()) {
      throw new UnreadableException(
          component.name() + ": more than " + component.spec().items() + " elements");
    }
  }

  private static Object constant(String name, Component component) throws UnreadableException {
    Object constant = component.constants().get(name);
    if (constant == null) {
      throw new UnreadableException(
          component.name()
              + ": '"
              + shorten(name)
              + "' is unknown, allowed: "
              + String.join(", ", new TreeSet<>(component.constants().keySet())));
    }
    return constant;
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }

  private static String firstLine(JsonProcessingException e) {
    return shorten(e.getOriginalMessage().lines().findFirst().orElse(""));
  }

  private static void writeObject(JsonGenerator json, Component[] components, Object record)
      throws IOException {
    json.writeStartObject();
    for (Component component : components) {
      Object value = component.getter().apply(record);
      if (value != null) {
        json.writeFieldName(component.encodedName());
        writeValue(json, component, value);
      }
    }
    json.writeEndObject();
  }

  private static void writeNested(JsonGenerator json, Component component, Object value)
      throws IOException {
    RecordShape<?> nested = RecordShape.of(component.type());
    writeObject(json, nested.components().toArray(Component[]::new), value);
  }

  private static void writeValue(JsonGenerator json, Component component, Object value)
      throws IOException {
    switch (component.kind()) {
      case TEXT -> json.writeString((String) value);
      case INTEGER -> json.writeNumber(((Number) value).longValue());
      case BOOLEAN -> json.writeBoolean((Boolean) value);
      case DOUBLE -> {
        if (!Double.isFinite((Double) value)) {
          throw new IllegalArgumentException(component.name() + ": JSON has no number " + value);
        }
        json.writeNumber((Double) value);
      }
      case DECIMAL -> json.writeNumber(RecordShape.decimal((BigDecimal) value).toPlainString());
      case ENUM -> json.writeString(((Enum<?>) value).name());
      case RECORD -> writeNested(json, component, value);
      case TEXTS, ENUMS, RECORDS -> {
        json.writeStartArray();
        for (Object element : (List<?>) value) {
          if (component.kind() == Kind.RECORDS) {
            writeNested(json, component, element);
          } else {
            json.writeString(element.toString());
          }
        }
        json.writeEndArray();
      }
      case SHARES -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> share : ((Map<?, ?>) value).entrySet()) {
          json.writeNumberField((String) share.getKey(), (Double) share.getValue());
        }
        json.writeEndObject();
      }
      case FREE -> new FreeObject(component).write((Map<?, ?>) value, json);
    }
  }
}
