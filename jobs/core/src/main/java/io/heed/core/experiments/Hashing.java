package io.heed.core.experiments;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Hashes that every release computes alike: who got which variant must not change. */
final class Hashing {
  private static final int ID_BYTES = 16;

  private Hashing() {}

  /** The first 64 bits of SHA-256. */
  static long hash64(String text) {
    return ByteBuffer.wrap(sha256(text)).getLong();
  }

  /** A number from 0 (inclusive) to 1 (exclusive), evenly spread over texts. */
  static double unit(String text) {
    return (hash64(text) >>> 11) * 0x1p-53;
  }

  /** An id for a decision with that content: the first 128 bits of SHA-256. */
  static String id(String text) {
    return HexFormat.of().formatHex(sha256(text), 0, ID_BYTES);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
