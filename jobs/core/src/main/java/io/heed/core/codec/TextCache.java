package io.heed.core.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts that many values have, such as names of lists, by their UTF-8 bytes, so that reading a
 * value makes no new strings. Not safe for concurrent use.
 */
public final class TextCache {
  private static final int MOST = 1 << 16;

  private byte[][] bytes = new byte[1 << 10][];
  private String[] texts = new String[bytes.length];
  private int size;

  /** The text of a slice of bytes. */
  public String text(byte[] source, int from, int length) {
    int hash = 1;
    for (int i = from; i < from + length; i++) {
      hash = 31 * hash + source[i];
    }
    int slot = slot(source, from, length, hash);
    if (texts[slot] != null) {
      return texts[slot];
    }
    if (size * 2 >= texts.length) {
      grow();
      slot = slot(source, from, length, hash);
    }
    size++;
    bytes[slot] = Arrays.copyOfRange(source, from, from + length);
    texts[slot] = new String(bytes[slot], StandardCharsets.UTF_8);
    return texts[slot];
  }

  private int slot(byte[] source, int from, int length, int hash) {
    int slot = (hash ^ hash >>> 15) & (texts.length - 1);
    while (texts[slot] != null
        && !Arrays.equals(bytes[slot], 0, bytes[slot].length, source, from, from + length)) {
      slot = (slot + 1) & (texts.length - 1);
    }
    return slot;
  }

  private void grow() {
    byte[][] old = bytes;
    // More names than any deployment has: start again rather than keep them all for ever.
    boolean full = old.length >= MOST;
    bytes = new byte[full ? old.length : old.length * 2][];
    texts = new String[bytes.length];
    size = 0;
    for (byte[] name : old) {
      if (name != null && !full) {
        text(name, 0, name.length);
      }
    }
  }
}
