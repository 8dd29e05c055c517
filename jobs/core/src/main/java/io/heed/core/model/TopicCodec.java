package io.heed.core.model;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what a topic carries, with the rules that need more than the record itself. */
public final class TopicCodec {
  /** The row types of the result topics, by table. */
  public static final Map<String, Class<? extends ResultRow>> ROWS =
      Map.of(
          ListHealthRow.TABLE, ListHealthRow.class,
          SendCohortRow.TABLE, SendCohortRow.class,
          DeliveryHealthRow.TABLE, DeliveryHealthRow.class,
          ResponseTimeRow.TABLE, ResponseTimeRow.class,
          AttributionCreditRow.TABLE, AttributionCreditRow.class,
          IncrementalLiftRow.TABLE, IncrementalLiftRow.class,
          ExperimentResultRow.TABLE, ExperimentResultRow.class);

  private static final JsonCodec<TableOf> TABLE_OF = JsonCodec.of(TableOf.class);

  /** The one field of a result that names the row type of the rest. */
  record TableOf(@Field("Table of the row.") String table) {}

  private final Map<Topic, JsonCodec<?>> codecs =
      Stream.of(Topic.values())
          .filter(topic -> topic.type() != ResultRow.class)
          .collect(
              Collectors.toMap(
                  Function.identity(),
                  topic -> JsonCodec.of(topic.type()),
                  (a, b) -> a,
                  () -> new EnumMap<>(Topic.class)));

  private final Map<String, JsonCodec<? extends ResultRow>> rowCodecs =
      ROWS.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, row -> JsonCodec.of(row.getValue())));

  private final RecipientIds ids;

  /** Reads numbers without a plus as those of the United States. */
  public TopicCodec() {
    this(new RecipientIds("US"));
  }

  /** A codec that gives every event the one form of its recipient's id. */
  public TopicCodec(RecipientIds ids) {
    this.ids = ids;
  }

  /** How it reads recipients' ids. */
  public RecipientIds ids() {
    return ids;
  }

  /** Reads one record of a topic whose key is not known. */
  public Object read(Topic topic, byte[] value, long appendTime) throws UnreadableException {
    return read(topic, null, value, appendTime);
  }

  /**
   * Reads one record of a topic.
   *
   * @param key of the record, or null
   * @param appendTime when the broker appended the record, epoch milliseconds
   * @throws UnreadableException with the field, what is wrong and what is allowed
   */
  public Object read(Topic topic, byte[] key, byte[] value, long appendTime)
      throws UnreadableException {
    if (topic.type() == ResultRow.class) {
      return readRow(value);
    }
    Object record = codecs.get(topic).read(value);
    if (record instanceof Event event && event.eventTime() > appendTime + Event.MAX_AHEAD_MILLIS) {
      throw new UnreadableException(
          // Without the append time, so that a record replayed tomorrow has the same reason.
          "event_time: %d is more than one day after the record was appended"
              .formatted(event.eventTime()));
    }
    if (record instanceof ConfigVersion version) {
      int bytes = version.document().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > ConfigVersion.MAX_DOCUMENT_BYTES) {
        throw new UnreadableException(
            "document: %d bytes, allowed are %d"
                .formatted(bytes, ConfigVersion.MAX_DOCUMENT_BYTES));
      }
    }
    return record instanceof Event event ? canonical(event, key) : record;
  }

  private Event canonical(Event event, byte[] key) {
    String written = event.recipientId();
    if (written == null) {
      return event;
    }
    String id = ids.canonical(written, key);
    return id.equals(written) ? event : RecordShape.with(event, "recipient_id", id);
  }

  private ResultRow readRow(byte[] value) throws UnreadableException {
    String table = TABLE_OF.read(value).table();
    JsonCodec<? extends ResultRow> codec = rowCodecs.get(table);
    if (codec == null) {
      throw new UnreadableException(
          "table: '" + table + "' is unknown, allowed: " + String.join(", ", ROWS.keySet()));
    }
    return codec.read(value);
  }
}
