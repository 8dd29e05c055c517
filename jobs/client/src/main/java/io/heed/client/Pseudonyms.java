package io.heed.client;

import io.heed.core.model.KeyedHash;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Pseudonyms of recipients: HMAC-SHA-256 (RFC 2104) of the id under a secret key, as 43 characters
 * of base64url. A system that has the key can compute the pseudonym of a number that it knows; no
 * other can find it without the key, although there are few phone numbers. Safe for concurrent use.
 */
public final class Pseudonyms {
  private final KeyedHash hash;

  /**
   * Pseudonyms under a key.
   *
   * @param key at least 16 bytes, chosen at random
   * @throws IllegalArgumentException if the key is shorter
   */
  public Pseudonyms(byte[] key) {
    this(new KeyedHash(key));
  }

  private Pseudonyms(KeyedHash hash) {
    this.hash = hash;
  }

  /**
   * Pseudonyms under the key in a file: its bytes, without line breaks at the end.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if the key is too short
   */
  public static Pseudonyms fromFile(Path file) throws IOException {
    return new Pseudonyms(KeyedHash.fromFile(file));
  }

  /** The pseudonym of an id; give a phone number in E.164, or two forms are two people. */
  public String of(String recipientId) {
    return hash.of(recipientId);
  }
}
