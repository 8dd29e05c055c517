package io.heed.core.gate;

import io.heed.core.codec.Hash64;

/** Hashes of texts: 64 bits for what is kept, 128 bits for ids of decisions. */
final class Hash {
  private Hash() {}

  /** 64 bits of a text. */
  static long of(String text) {
    return Hash64.of(text);
  }

  /** An id of 32 hexadecimal digits, a function of the parts and their order. */
  static String id(Object... parts) {
    return Hash64.id(parts);
  }

  static long mix(long bits) {
    return Hash64.mix(bits);
  }
}
