package io.heed.core.listhealth;

import java.util.Arrays;

/** Bytes of a state value, written and read in order; numbers take as many bytes as they need. */
final class Bytes {
  private byte[] bytes;
  private int at;

  /** To be written. */
  Bytes() {
    this(new byte[512]);
  }

  /** To be read. */
  Bytes(byte[] source) {
    bytes = source;
  }

  /** Starts reading. */
  void read(byte[] source) {
    bytes = source;
    at = 0;
  }

  /** Starts writing into the buffer of its own. */
  void clear() {
    at = 0;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, at);
  }

  byte[] array() {
    return bytes;
  }

  int position() {
    return at;
  }

  void skip(int length) {
    at += length;
  }

  private void ensure(int length) {
    if (bytes.length - at < length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + length));
    }
  }

  void writeByte(int value) {
    ensure(1);
    bytes[at++] = (byte) value;
  }

  byte readByte() {
    return bytes[at++];
  }

  void write(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, at, length);
    at += length;
  }

  void writeLong(long value) {
    ensure(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[at++] = (byte) (value >>> shift);
    }
  }

  long readLong() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[at++] & 0xff);
    }
    return value;
  }

  /** Seven bits a byte, low ones first; for what is not negative. */
  void writeNumber(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
  }

  long readNumber() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  int readInt() {
    return (int) readNumber();
  }

  /** For what may be negative: small ones of either sign take few bytes. */
  void writeSigned(long value) {
    writeNumber(value << 1 ^ value >> 63);
  }

  long readSigned() {
    long value = readNumber();
    return value >>> 1 ^ -(value & 1);
  }
}
