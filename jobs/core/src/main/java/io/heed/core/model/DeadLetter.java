package io.heed.core.model;

import java.util.Arrays;
import java.util.Base64;

/** A record that could not be read, with everything that is needed to read it again. */
public record DeadLetter(
    @Field(value = "What is wrong, with the field and what is allowed.", max = Field.LONG_TEXT)
        String reason,
    @Field("Topic of the record.") String topic,
    @Field(value = "Partition of the record.", min = 0) int partition,
    @Field(value = "Offset of the record.", min = 0) long offset,
    @Field(
            value = "The first 256 KiB of the raw bytes, base64.",
            mayBeEmpty = true,
            pattern = "[A-Za-z0-9+/]*={0,2}",
            max = DeadLetter.MAX_RAW_CHARACTERS)
        String raw,
    @Field(
            value = "Full length of the record in bytes, of which raw has the first 256 KiB.",
            min = 0)
        int rawBytes) {
  /** Bytes of the record that are kept: a letter must fit the broker's limit, whatever came in. */
  public static final int MAX_RAW_BYTES = 256 << 10;

  static final int MAX_RAW_CHARACTERS = (MAX_RAW_BYTES + 2) / 3 * 4;

  /** Wraps {@code value}, which may be null (a tombstone where none belongs). */
  public static DeadLetter of(
      String reason, String topic, int partition, long offset, byte[] value) {
    byte[] bytes = value == null ? new byte[0] : value;
    byte[] kept = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_RAW_BYTES));
    return new DeadLetter(
        Texts.cut(Texts.wellFormed(reason), Field.LONG_TEXT),
        topic,
        partition,
        offset,
        Base64.getEncoder().encodeToString(kept),
        bytes.length);
  }

  /** The record's key on its topic. */
  public String key() {
    return topic + "|" + partition + "|" + offset;
  }
}
