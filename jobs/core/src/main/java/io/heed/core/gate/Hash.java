package io.heed.core.gate;

import io.heed.core.codec.Hash64;
import java.util.HexFormat;

/** Hashes of texts: 64 bits for what is kept, 128 bits for ids of decisions. */
final class Hash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;
  private static final HexFormat HEX = HexFormat.of();

  private Hash() {}

  /** 64 bits of a text. */
  static long of(String text) {
    return Hash64.of(text);
  }

  /** An id of 32 hexadecimal digits, a function of the parts and their order. */
  static String id(Object... parts) {
    long first = OFFSET;
    long second = ~OFFSET;
    for (Object part : parts) {
      String text = String.valueOf(part);
      first = add(first, text) * PRIME + 1;
      second = mix(add(second, text) + 0x9e3779b97f4a7c15L);
    }
    return HEX.toHexDigits(mix(first)) + HEX.toHexDigits(second);
  }

  private static long add(long hash, String text) {
    long result = hash;
    for (int i = 0; i < text.length(); i++) {
      result = (result ^ text.charAt(i)) * PRIME;
    }
    return result;
  }

  static long mix(long bits) {
    return Hash64.mix(bits);
  }
}
