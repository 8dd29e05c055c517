package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.flink.FieldCheck;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Field cases that the job {@code attribution} answers. A situation is a list of conversions, an
 * hour apart, behind the touch of an e-mail.
 */
public final class AttributionCases {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long HOUR = 3_600_000L;
  private static final Pattern NET = Pattern.compile("net (-?\\d+)");

  private AttributionCases() {}

  /** The checks by kind of case. */
  public static Map<String, FieldCheck> checks() {
    FieldCheck check = AttributionCases::check;
    return Map.of(
        "refunds", check,
        "order id used for purchase and refund", check,
        "one CRM id through the stages", check);
  }

  private static void check(JsonNode input, String expected) throws Exception {
    JsonNode conversions = input.isTextual() ? inWords(input.asText()) : input;
    if (expected.equals("dead letter")) {
      assertThatThrownBy(() -> read(conversions.get(0), 0)).isInstanceOf(UnreadableException.class);
      return;
    }
    Written written = new Written();
    try (TestingPipeline pipeline = new TestingPipeline(null, 1, written::add)) {
      if (!input.asText().equals("refund without a purchase")) {
        pipeline.process(TestEvents.touch(TestEvents.START, "r", "email", "t"));
      }
      int hours = 0;
      for (JsonNode conversion : conversions) {
        pipeline.process(read(conversion, ++hours));
      }
    }
    judge(written.credits("linear"), conversions.size(), expected);
  }

  private static void judge(List<? extends JsonNode> credits, int conversions, String expected) {
    long micros = credits.stream().mapToLong(row -> row.path("revenue_micros").asLong()).sum();
    Matcher net = NET.matcher(expected);
    if (net.find()) {
      assertThat(micros).isEqualTo(Long.parseLong(net.group(1)) * 1_000_000);
    } else if (expected.startsWith("channel none, negative")) {
      assertThat(micros).isNegative();
    } else {
      assertThat(expected).contains("conversions");
    }
    String channel = expected.startsWith("channel none") ? "none" : "email";
    assertThat(credits)
        .hasSize(conversions)
        .allMatch(row -> row.path("channel").asText().equals(channel));
  }

  private static JsonNode inWords(String situation) throws Exception {
    return JSON.readTree(
        switch (situation) {
          case "two refunds of 30 for a purchase of 50" ->
              """
              [{"conversion_id":"p","kind":"PURCHASE","revenue_micros":50000000},
               {"conversion_id":"a","kind":"REFUND","revenue_micros":30000000,
                "original_conversion_id":"p"},
               {"conversion_id":"b","kind":"REFUND","revenue_micros":30000000,
                "original_conversion_id":"p"}]""";
          case "refund without a purchase" ->
              "[{\"conversion_id\":\"a\",\"kind\":\"REFUND\",\"revenue_micros\":30000000}]";
          case "PURCHASE with a negative amount" ->
              "[{\"conversion_id\":\"a\",\"kind\":\"PURCHASE\",\"revenue_micros\":-30000000}]";
          default -> throw new AssertionError("a situation that no test knows: " + situation);
        });
  }

  /** A conversion as an object, or as "PURCHASE deal5 99.00". */
  private static Event read(JsonNode conversion, int hours) throws UnreadableException {
    ObjectNode record = JSON.createObjectNode();
    if (conversion.isTextual()) {
      String[] words = conversion.asText().split(" ", -1);
      record.put("kind", words[0]).put("conversion_id", words[1]);
      if (words.length > 2) {
        record.put("revenue_micros", (long) (Double.parseDouble(words[2]) * 1_000_000));
      }
    } else {
      record.setAll((ObjectNode) conversion);
    }
    long at = TestEvents.START + hours * HOUR;
    record.put("event_id", "e" + hours).put("event_time", at).put("recipient_id", "r");
    byte[] json = record.toString().getBytes(StandardCharsets.UTF_8);
    return (Event) new TopicCodec().read(Topic.CONVERSION, json, at);
  }
}
