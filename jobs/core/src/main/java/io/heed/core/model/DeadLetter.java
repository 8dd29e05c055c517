package io.heed.core.model;

import java.util.Base64;

/** A record that could not be read, with everything that is needed to read it again. */
public record DeadLetter(
    @Field("What is wrong, with the field and what is allowed.") String reason,
    @Field("Topic of the record.") String topic,
    @Field(value = "Partition of the record.", min = 0) int partition,
    @Field(value = "Offset of the record.", min = 0) long offset,
    @Field(value = "The raw bytes, base64.", mayBeEmpty = true) String raw) {

  /** Wraps {@code value}, which may be null (a tombstone where none belongs). */
  public static DeadLetter of(
      String reason, String topic, int partition, long offset, byte[] value) {
    String raw = value == null ? "" : Base64.getEncoder().encodeToString(value);
    return new DeadLetter(reason, topic, partition, offset, raw);
  }

  /** The record's key on its topic. */
  public String key() {
    return topic + "|" + partition + "|" + offset;
  }
}
