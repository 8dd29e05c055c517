package io.heed.core.listhealth;

import io.heed.core.codec.Hash64;

/** IdHash as 64-bit hashes. */
final class IdHash {
  private IdHash() {}

  /** Never 0, which stands for no id. */
  static long hash(String id) {
    long hash = Hash64.of(id);
    return hash == 0 ? 1 : hash;
  }
}
