package io.heed.cli.webhooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.JsonCodec;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One callback as it came.
 *
 * @param target path and query as requested, such as {@code /twilio?list=a}
 * @param headers by name in lower case, the first value of each
 * @param receivedAt epoch milliseconds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Callback(String target, Map<String, String> headers, byte[] body, long receivedAt) {
  private static final JsonMapper JSON =
      JsonMapper.builder(JsonCodec.factory())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** A header's value, or null. */
  String header(String name) {
    return headers.get(name);
  }

  boolean isForm() {
    String type = headers.getOrDefault("content-type", "");
    return type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
  }

  /**
   * The fields of a form, sorted by name.
   *
   * @throws UnmappableException if an escape is broken
   */
  Map<String, List<String>> form() throws UnmappableException {
    Map<String, List<String>> fields = new TreeMap<>();
    for (String pair : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
      if (!pair.isEmpty()) {
        String[] parts = pair.split("=", 2);
        fields
            .computeIfAbsent(decode(parts[0]), name -> new ArrayList<>())
            .add(parts.length == 2 ? decode(parts[1]) : "");
      }
    }
    return fields;
  }

  private static String decode(String text) throws UnmappableException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new UnmappableException("not a form: " + e.getMessage());
    }
  }

  /**
   * The body as JSON; a form as an object of its fields' first values.
   *
   * @throws UnmappableException if it is neither
   */
  JsonNode json() throws UnmappableException {
    if (isForm()) {
      ObjectNode fields = JSON.createObjectNode();
      form().forEach((name, values) -> fields.put(name, values.get(0)));
      return fields;
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new UnmappableException("not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UnmappableException("not JSON: " + e.getMessage());
    }
  }
}
