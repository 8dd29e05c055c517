package io.heed.replay;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What is kept of a row.
 *
 * @param number in the file, for messages only: another order of the rows changes it
 * @param hash of its content
 * @param ordinal among the rows of the same content, from 0
 * @param start of its first event, epoch milliseconds; 0 while unknown
 * @param values of the columns that the mapping reads
 */
record Row(long number, String hash, int ordinal, long start, List<String> values) {
  private static final int OVERHEAD_BYTES = 160;

  /** The identity: the same in every order of the rows, and in every run. */
  String id() {
    return ordinal == 0 ? hash : hash + "." + ordinal;
  }

  Row withOrdinal(int newOrdinal) {
    return new Row(number, hash, newOrdinal, start, values);
  }

  Row withStart(long newStart) {
    return new Row(number, hash, ordinal, newStart, values);
  }

  /** About what it takes in memory. */
  long bytes() {
    return OVERHEAD_BYTES + values.stream().mapToLong(value -> 48 + 2L * value.length()).sum();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(number);
    out.writeUTF(hash);
    out.writeInt(ordinal);
    out.writeLong(start);
    out.writeInt(values.size());
    for (String value : values) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      out.writeInt(utf8.length);
      out.write(utf8);
    }
  }

  static Row read(DataInputStream in) throws IOException {
    long number = in.readLong();
    String hash = in.readUTF();
    int ordinal = in.readInt();
    long start = in.readLong();
    int size = in.readInt();
    List<String> values = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      values.add(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
    }
    return new Row(number, hash, ordinal, start, Collections.unmodifiableList(values));
  }
}
