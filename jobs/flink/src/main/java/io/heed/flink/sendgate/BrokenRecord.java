package io.heed.flink.sendgate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.heed.core.model.Field;
import io.heed.core.model.JsonCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What can be read of a record that breaks the rules: fields by name, in any letter case, up to
 * where it is broken. The record may be an array, lie in an envelope, be JSON in a JSON string, end
 * within its body, or be no JSON at all; then all of it is the body.
 */
final class BrokenRecord {
  static final String BODY = "body";

  private static final JsonFactory JSON = JsonCodec.factory();
  private static final Set<String> FIELDS =
      Set.of("recipient_id", "request_id", "event_time", "scope", "method", "message_id", BODY);

  /** Records of one array that are read: each reply costs some microseconds to understand. */
  private static final int MOST_RECORDS = 1_000;

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final List<Map<String, String>> records = new ArrayList<>();
  private Map<String, String> fields;

  private BrokenRecord() {
    next();
  }

  /** The fields of each record in it: one, or more where it is an array; never none. */
  static List<Map<String, String>> read(byte[] value) {
    BrokenRecord record = new BrokenRecord();
    if (value != null) {
      record.read(value, true);
    }
    return record.records;
  }

  private void next() {
    fields = new HashMap<>();
    records.add(fields);
  }

  private void read(byte[] value, boolean outermost) {
    String name = "";
    try (JsonParser parser = JSON.createParser(value)) {
      try {
        int depth = 0;
        int bodyDepth = 0;
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token == JsonToken.FIELD_NAME) {
            name = bodyDepth > 0 ? BODY : parser.currentName().toLowerCase(Locale.ROOT);
          } else if (token.isStructStart()) {
            depth++;
            boolean inArray = depth == 2 && parser.getParsingContext().getParent().inArray();
            if (inArray && !fields.isEmpty() && records.size() < MOST_RECORDS) {
              next();
            }
            bodyDepth = bodyDepth == 0 && name.equals(BODY) ? depth : bodyDepth;
          } else if (token.isStructEnd()) {
            bodyDepth = bodyDepth == depth ? 0 : bodyDepth;
            name = bodyDepth > 0 ? BODY : "";
            depth--;
          } else if (depth == 0 && outermost && token == JsonToken.VALUE_STRING) {
            read(parser.getText().getBytes(StandardCharsets.UTF_8), false);
            return;
          } else {
            if (FIELDS.contains(name) && token != JsonToken.VALUE_NULL) {
              keep(name, parser.getText());
            }
            name = bodyDepth > 0 ? BODY : "";
          }
        }
      } catch (IOException e) {
        // What stands before the fault can be used.
        if (name.equals(BODY)) {
          int from = (int) parser.currentTokenLocation().getByteOffset() + 1;
          keep(BODY, text(value, Math.min(Math.max(0, from), value.length)));
        }
      }
    } catch (IOException e) {
      // Closing bytes in memory.
    }
    if (records.size() == 1 && fields.isEmpty()) {
      keep(BODY, text(value, 0));
    }
  }

  /** A field that stands there twice: what one of the bodies says counts, else the first. */
  private void keep(String name, String text) {
    boolean body = name.equals(BODY);
    fields.merge(name, text, (a, b) -> body && a.length() < Field.LONG_TEXT ? a + "\n" + b : a);
  }

  private static String text(byte[] value, int from) {
    int length = Math.min(value.length - from, 4 * Field.LONG_TEXT);
    String text = new String(value, from, length, StandardCharsets.UTF_8);
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
