package io.heed.core.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA-256 (RFC 2104) of ids under a secret key, as 43 characters of base64url. Who has the key
 * can compute the hash of a number; nobody else can find the number, although there are few phone
 * numbers. Safe for concurrent use.
 */
public final class KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_KEY_BYTES = 16;

  /** Never used itself: a copy is cheaper than another look-up. */
  private final Mac prototype;

  /**
   * Hashes under a key.
   *
   * @param key at least 16 bytes, chosen at random
   * @throws IllegalArgumentException if the key is shorter
   */
  public KeyedHash(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key of %d bytes: at least %d are needed".formatted(key.length, MIN_KEY_BYTES));
    }
    try {
      prototype = Mac.getInstance(ALGORITHM);
      prototype.init(new SecretKeySpec(key, ALGORITHM));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /**
   * Hashes under the key in a file: its bytes, without line breaks at the end.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if the key is too short
   */
  public static KeyedHash fromFile(Path file) throws IOException {
    return new KeyedHash(
        Files.readString(file, StandardCharsets.ISO_8859_1)
            .replaceFirst("[\\r\\n]+\\z", "")
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The hash of an id. */
  public String of(String id) {
    try {
      Mac mac = (Mac) prototype.clone();
      byte[] hash = mac.doFinal(id.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's " + ALGORITHM + " can be copied", e);
    }
  }
}
