package io.heed.flink.listhealth;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Counts in few bytes: which of them are not zero, then those, seven bits a byte. */
final class Counts {
  private Counts() {}

  static void write(long[] counts, DataOutputView target) throws IOException {
    int present = 0;
    for (int i = 0; i < counts.length; i++) {
      present |= counts[i] == 0 ? 0 : 1 << i;
    }
    target.writeShort(present);
    for (long count : counts) {
      if (count != 0) {
        writeNumber(count << 1 ^ count >> 63, target);
      }
    }
  }

  static void read(long[] counts, DataInputView source) throws IOException {
    int present = source.readUnsignedShort();
    for (int i = 0; i < counts.length; i++) {
      if ((present >>> i & 1) != 0) {
        long number = readNumber(source);
        counts[i] = number >>> 1 ^ -(number & 1);
      }
    }
  }

  private static void writeNumber(long number, DataOutputView target) throws IOException {
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      target.writeByte((int) (rest | 0x80));
      rest >>>= 7;
    }
    target.writeByte((int) rest);
  }

  private static long readNumber(DataInputView source) throws IOException {
    long number = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = source.readByte();
      number |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return number;
      }
    }
  }
}
