package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.RecordShape.Component;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a job writes fits Kafka's limit of a record, 1 MiB, with every field as large as it may be:
 * a record beyond it would stop the job at every restart.
 */
class RecordSizeTest {
  /** Below max.request.size and message.max.bytes, which count the batch's head too. */
  private static final int LIMIT = 1_000_000;

  /** A control character takes six bytes in JSON, more than any other. */
  private static final String WORST = "\u0001";

  private final TopicCodec codec = new TopicCodec();

  record Written(Topic topic, Class<?> type) {}

  /** Everything but configuration, which a command writes, within the limit of its document. */
  static Stream<Written> written() {
    return Stream.of(Topic.values())
        .filter(topic -> topic != Topic.CONFIG)
        .flatMap(
            topic ->
                topic.type() == ResultRow.class
                    ? TopicCodec.ROWS.values().stream().map(type -> new Written(topic, type))
                    : Stream.of(new Written(topic, topic.type())));
  }

  @ParameterizedTest
  @MethodSource("written")
  @SuppressWarnings("unchecked")
  void theLargestRecordFitsAndIsRead(Written written) throws Exception {
    Object record = largest(written.type());
    byte[] json = ((JsonCodec<Object>) JsonCodec.of(written.type())).write(record);
    assertThat(json.length + key(record)).isLessThan(LIMIT);
    assertThat(codec.read(written.topic(), json, 1L << 60)).isEqualTo(record);
  }

  @Test
  void aLetterFitsWhateverTheRecordWas() throws UnreadableException {
    for (int size : new int[] {0, 1, 900_000, 1 << 20, 20 << 20}) {
      byte[] value = new byte[size];
      DeadLetter letter = DeadLetter.of(WORST.repeat(100_000), "t", 0, 7, value);
      byte[] json = JsonCodec.of(DeadLetter.class).write(letter);
      assertThat(json.length).isLessThan(LIMIT);
      assertThat(letter.rawBytes()).isEqualTo(size);
      assertThat(Base64.getDecoder().decode(letter.raw())).hasSize(Math.min(size, 256 << 10));
      assertThat(codec.read(Topic.DEAD_LETTER, json, 0)).isEqualTo(letter);
    }
  }

  private static int key(Object record) {
    String key =
        record instanceof Decision decision
            ? decision.key()
            : record instanceof ResultRow row ? row.key() : "";
    return key.getBytes(StandardCharsets.UTF_8).length;
  }

  private static <T> T largest(Class<T> type) {
    RecordShape<T> shape = RecordShape.of(type);
    return shape.build(shape.components().stream().map(RecordSizeTest::largest).toArray());
  }

  private static Object largest(Component component) {
    int items = component.spec().items();
    return switch (component.kind()) {
      case TEXT -> text(component);
      case INTEGER ->
          component.is32Bit() ? (Object) (int) component.most() : (Object) component.most();
      case BOOLEAN -> false;
      case DOUBLE -> -Double.MIN_NORMAL;
      case DECIMAL -> BigDecimal.valueOf(component.least()).setScale(12);
      case ENUM -> Collections.max(component.constants().values(), byLength());
      case TEXTS -> Collections.nCopies(items, WORST.repeat(component.maxCharacters()));
      case ENUMS ->
          Collections.nCopies(items, Collections.max(component.constants().values(), byLength()));
      case RECORD -> largest(component.type());
      case RECORDS -> Collections.nCopies(items, largest(component.type()));
      case SHARES -> object(items, -Double.MIN_NORMAL);
      case FREE -> object(items, WORST.repeat(component.maxCharacters()));
    };
  }

  private static java.util.Comparator<Object> byLength() {
    return java.util.Comparator.comparingInt(constant -> constant.toString().length());
  }

  private static String text(Component component) {
    if (component.pattern() == null) {
      return WORST.repeat(component.maxCharacters());
    }
    List<String> matching = new ArrayList<>();
    matching.addAll(List.of(component.pattern().pattern().split("\\|")));
    matching.add("x".repeat(component.maxCharacters()));
    return matching.stream()
        .filter(text -> component.pattern().matcher(text).matches())
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private static Map<String, Object> object(int items, Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < items; i++) {
      object.put(WORST.repeat(Field.TEXT - 2) + (10 + i), value);
    }
    return object;
  }
}
