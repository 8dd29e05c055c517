package io.heed.cli.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.heed.core.model.Topic;
import io.heed.core.model.Topic.Retention;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A record that was made to stop a job: too long, too deep, a number out of all proportion, no text
 * at all.
 *
 * @param name what it is
 * @param key of the record
 * @param value of the record, null for a tombstone
 * @param harmlessOn topics that find in it all that they need, and ignore the rest
 */
@SuppressWarnings("ArrayRecordComponent") // only read
record HostileRecord(String name, String key, byte[] value, Set<Topic> harmlessOn) {
  /** Whose opt-out has a scope beyond the bounds. */
  static final String REVOKED = "revoked-in-spite";

  private static final String LONG_ID = "i".repeat(70_000);

  /** All of them; instants in them are {@code now}. */
  static List<HostileRecord> all(long now) {
    String common = "{\"event_id\":\"bad\",\"event_time\":%d,".formatted(now);
    return List.of(
        of(
            "scope of 600,000 letters",
            common
                + "\"recipient_id\":\"%s\",\"method\":\"WEB\",\"scope\":\"%s\"}"
                    .formatted(REVOKED, "s".repeat(600_000)),
            Topic.CLICK,
            Topic.TIME_MARK),
        of(
            "recipient of 600,000 letters",
            common
                + "\"recipient_id\":\"%s\",\"method\":\"WEB\",\"scope\":\"*\"}"
                    .formatted("r".repeat(600_000)),
            Topic.TIME_MARK),
        of("instant out of all proportion", "{\"event_time\":1e99999999999}"),
        of("negative instant", "{\"event_time\":-1e99999999999}"),
        of(
            "credit out of all proportion",
            "{\"table\":\"attribution_credit\",\"seq\":1,\"model\":\"linear\","
                + "\"conversion_id\":\"c\",\"kind\":\"PURCHASE\",\"recipient_id\":\"r\","
                + "\"touch_index\":0,\"channel\":\"sms\",\"conversion_time\":%d,".formatted(now)
                + "\"credit\":1e999999999,\"revenue_micros\":1}"),
        of(
            "revenue out of all proportion",
            common
                + "\"recipient_id\":\"r\",\"conversion_id\":\"c\",\"kind\":\"PURCHASE\","
                + "\"revenue_micros\":1e999999999}",
            Topic.CLICK,
            Topic.TIME_MARK),
        of("number of 100,000 digits", "{\"event_time\":" + "9".repeat(100_000) + "}"),
        of("900 KB of nothing readable", "x".repeat(900_000)),
        of(
            "configuration with an id of 70,000 letters",
            "{\"kind\":\"experiment\",\"id\":\"%s\",\"config_hash\":\"h\",".formatted(LONG_ID)
                + "\"effective_from\":%1$d,\"published_at\":%1$d,\"document\":\"id: x\"}"
                    .formatted(now)),
        of(
            "conversion with a recipient of 70,000 letters",
            common
                + "\"recipient_id\":\"%s\",\"conversion_id\":\"c\",\"kind\":\"PURCHASE\"}"
                    .formatted(LONG_ID),
            Topic.TIME_MARK),
        of(
            "assignment to a variant of 70,000 letters",
            common
                + "\"recipient_id\":\"r\",\"experiment_id\":\"e\",\"variant_id\":\"%s\"}"
                    .formatted(LONG_ID),
            Topic.CLICK,
            Topic.TIME_MARK),
        of("arrays, 500,000 deep", "[".repeat(500_000)),
        of("objects, 100,000 deep", "{\"tags\":".repeat(100_000)),
        of("nul", "\0"),
        new HostileRecord(
            "not UTF-8",
            "not UTF-8",
            (common + "\"recipient_id\":\"r\",\"body\":\"\u00c3(\"}").getBytes(ISO_8859_1),
            Set.of()),
        new HostileRecord("empty", "empty", new byte[0], Set.of()),
        new HostileRecord("key of 500,000 letters", "k".repeat(500_000), bytes("{"), Set.of()),
        new HostileRecord("tombstone", "tombstone", null, compacted()));
  }

  /** The key is none that a recipient has. */
  private static HostileRecord of(String name, String value, Topic... harmlessOn) {
    return new HostileRecord(name, name, bytes(value), Set.of(harmlessOn));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Where Kafka itself gives a record without value a meaning: the key is gone. */
  private static Set<Topic> compacted() {
    Set<Topic> topics = EnumSet.allOf(Topic.class);
    topics.removeIf(topic -> topic.retention() != Retention.COMPACTED);
    return topics;
  }
}
