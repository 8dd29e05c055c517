package io.heed.core.experiments;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Integers in as few bytes as they need: seven bits a byte, the sign in the lowest bit. */
final class Varint {
  private Varint() {}

  static void write(long value, DataOutput out) throws IOException {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      out.writeByte((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  static long read(DataInput in) throws IOException {
    long result = 0;
    int shift = 0;
    byte next;
    do {
      next = in.readByte();
      result |= (next & 0x7fL) << shift;
      shift += 7;
    } while (next < 0);
    return (result >>> 1) ^ -(result & 1);
  }

  static int readInt(DataInput in) throws IOException {
    return Math.toIntExact(read(in));
  }
}
