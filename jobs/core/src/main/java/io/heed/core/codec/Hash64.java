package io.heed.core.codec;

import java.util.HexFormat;

/**
 * The 64-bit hash of ids: FNV-1a over the UTF-16 characters, then the finaliser of MurmurHash3.
 * Among 10^8 ids two collide with probability 1 in 3,700; it is no protection against somebody who
 * looks for collisions, who can only merge facts of one recipient.
 */
public final class Hash64 {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private Hash64() {}

  /** The hash of a text. */
  public static long of(String text) {
    return mix(add(OFFSET, text));
  }

  /** An id of 32 hexadecimal digits for a decision: a function of the parts and their order. */
  public static String id(Object... parts) {
    long first = OFFSET;
    long second = ~OFFSET;
    for (Object part : parts) {
      String text = String.valueOf(part);
      first = add(first, text) * PRIME + 1;
      second = mix(add(second, text) + 0x9e3779b97f4a7c15L);
    }
    return HexFormat.of().toHexDigits(mix(first)) + HexFormat.of().toHexDigits(second);
  }

  private static long add(long hash, String text) {
    long result = hash;
    for (int i = 0; i < text.length(); i++) {
      result = (result ^ text.charAt(i)) * PRIME;
    }
    return result;
  }

  /** Spreads the bits of a number: a bijection. */
  public static long mix(long bits) {
    long h = bits;
    h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
    h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 33);
  }
}
