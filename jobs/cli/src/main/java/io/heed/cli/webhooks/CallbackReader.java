package io.heed.cli.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.client.EventWriter;
import io.heed.client.Recipients;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Turns a callback into the records that are written for it: its events, each with all of the
 * vendor's fields as {@code vendor_fields}, and a dead letter for what is no event.
 */
final class CallbackReader {
  private static final JsonMapper JSON = JsonMapper.builder(JsonCodec.factory()).build();
  private static final String HIDDEN = "(hidden)";

  /** Digits at the end of a number by which it is recognised wherever it is written. */
  private static final int SIGNIFICANT_DIGITS = 9;

  /** What may be a phone number, however it is written. */
  private static final Pattern NUMBER = Pattern.compile("\\d[\\d ().-]{5,}\\d");

  /** A value that is nothing but a number, anybody's, with or without its channel. */
  private static final Pattern WHOLE = Pattern.compile("(\\w+:)?\\+?[\\d ().-]{7,}");

  /** One record to write. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Outgoing(Topic topic, String key, byte[] value) {}

  /**
   * What became of a callback.
   *
   * @param events how many events there are
   * @param problems what is no event, and why
   */
  record Read(List<Outgoing> records, int events, List<String> problems) {}

  private final VendorMapping mapping;
  private final Recipients recipients;
  private final TopicCodec codec = new TopicCodec();

  CallbackReader(VendorMapping mapping, Recipients recipients) {
    this.mapping = mapping;
    this.recipients = recipients;
  }

  Read read(Callback callback) {
    List<Outgoing> records = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    int events = 0;
    try {
      for (JsonNode item : mapping.items(callback.json())) {
        try {
          List<Outgoing> mapped = records(item, callback.receivedAt());
          records.addAll(mapped);
          events += mapped.size();
        } catch (UnmappableException e) {
          problems.add(e.getMessage());
          records.add(deadLetter(e.getMessage(), item.toString().getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (UnmappableException e) {
      problems.add(e.getMessage());
      records.add(deadLetter(e.getMessage(), callback.body()));
    }
    return new Read(records, events, problems);
  }

  private List<Outgoing> records(JsonNode item, long receivedAt) throws UnmappableException {
    List<Outgoing> records = new ArrayList<>();
    for (Event mapped : mapping.events(item, receivedAt)) {
      Event event = recipients.onTheWire(mapped);
      Topic topic = EventWriter.topic(event);
      byte[] json = EventWriter.json(event);
      try {
        // The jobs' own rules, so that nothing is acknowledged that they set aside.
        codec.read(topic, json, receivedAt);
      } catch (UnreadableException e) {
        throw new UnmappableException(e.getMessage());
      }
      byte[] whole = withVendorFields(json, item, mapped);
      // What else the vendor sent may be beyond bounds (a name of 50,000 characters): no event is
      // lost for it.
      byte[] value = isReadable(topic, whole, receivedAt) ? whole : json;
      records.add(new Outgoing(topic, event.recipientId(), value));
    }
    return records;
  }

  private boolean isReadable(Topic topic, byte[] json, long receivedAt) {
    try {
      codec.read(topic, json, receivedAt);
      return true;
    } catch (UnreadableException e) {
      return false;
    }
  }

  private byte[] withVendorFields(byte[] json, JsonNode item, Event mapped) {
    try {
      ObjectNode all = (ObjectNode) JSON.readTree(json);
      all.set(
          "vendor_fields", recipients.arePseudonyms() ? hidden(item, mapped.recipientId()) : item);
      return JSON.writeValueAsBytes(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same without values that are a number, or have the recipient's in them. */
  private static JsonNode hidden(JsonNode node, String recipient) {
    if (node.isObject()) {
      ObjectNode copy = JSON.createObjectNode();
      node.fields()
          .forEachRemaining(field -> copy.set(field.getKey(), hidden(field.getValue(), recipient)));
      return copy;
    }
    if (node.isArray()) {
      ArrayNode copy = JSON.createArrayNode();
      node.forEach(each -> copy.add(hidden(each, recipient)));
      return copy;
    }
    String text = node.asText();
    return WHOLE.matcher(text.strip()).matches() || isNamed(recipient, text)
        ? JSON.getNodeFactory().textNode(HIDDEN)
        : node;
  }

  private static boolean isNamed(String recipient, String text) {
    String digits = digitsOf(recipient);
    return text.contains(recipient)
        || (digits.length() >= SIGNIFICANT_DIGITS
            && digitsOf(text).contains(digits.substring(digits.length() - SIGNIFICANT_DIGITS)));
  }

  private static String digitsOf(String text) {
    StringBuilder digits = new StringBuilder();
    text.chars().filter(c -> c >= '0' && c <= '9').forEach(c -> digits.append((char) c));
    return digits.toString();
  }

  /**
   * A letter whose place follows from the contents, so that the vendor's repetitions are one. The
   * place is none of Kafka's: the topic is {@code webhooks/VENDOR}. Where recipients are
   * pseudonyms, whatever may be a number is left out.
   */
  private Outgoing deadLetter(String reason, byte[] body) {
    boolean hide = recipients.arePseudonyms();
    byte[] raw =
        hide
            ? withoutNumbers(new String(body, StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.ISO_8859_1)
            : body;
    DeadLetter letter =
        DeadLetter.of(
            hide ? withoutNumbers(reason) : reason,
            "webhooks/" + mapping.vendor(),
            0,
            place(raw),
            raw);
    return new Outgoing(
        Topic.DEAD_LETTER, letter.key(), JsonCodec.of(DeadLetter.class).write(letter));
  }

  private static String withoutNumbers(String text) {
    return NUMBER.matcher(text).replaceAll(HIDDEN);
  }

  private static long place(byte[] raw) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(raw);
      // 53 bits: an integer that every reader of JSON reads exactly.
      return ByteBuffer.wrap(digest).getLong() >>> 11;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
