package io.heed.core.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One version of one configuration document, as {@code heed apply} publishes it. */
public record ConfigVersion(
    @Field("Kind of the document: experiment, policy, ...") String kind,
    @Field("Id of the document within its kind.") String id,
    @Field("SHA-256 of effective_from and document, hex.") String configHash,
    @Field("Instant in event time from which it holds, epoch milliseconds UTC.") long effectiveFrom,
    @Field(
            "Instant of publication, epoch milliseconds UTC; of two versions from one instant the later one holds.")
        long publishedAt,
    @Field(value = "The document itself, YAML.", max = ConfigVersion.MAX_DOCUMENT_BYTES)
        String document) {

  /** The longest document, in bytes of UTF-8. */
  public static final int MAX_DOCUMENT_BYTES = 256 << 10;

  /** A version with its hash. */
  public static ConfigVersion of(
      String kind, String id, long effectiveFrom, long publishedAt, String document) {
    byte[] hashed = (effectiveFrom + "\n" + document).getBytes(StandardCharsets.UTF_8);
    try {
      String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(hashed));
      return new ConfigVersion(kind, id, hash, effectiveFrom, publishedAt, document);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The record's key on its topic. */
  public String key() {
    return kind + "|" + id + "|" + configHash;
  }
}
