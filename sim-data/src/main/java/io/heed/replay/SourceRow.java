package io.heed.replay;

import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
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
record SourceRow(long number, String hash, int ordinal, long start, List<String> values) {
  private static final int OVERHEAD_BYTES = 160;

  /** The identity: the same in every order of the rows, and in every run. */
  String id() {
    return ordinal == 0 ? hash : hash + "." + ordinal;
  }

  SourceRow withOrdinal(int newOrdinal) {
    return new SourceRow(number, hash, newOrdinal, start, values);
  }

  SourceRow withStart(long newStart) {
    return new SourceRow(number, hash, ordinal, newStart, values);
  }

  /** About what it takes in memory. */
  long bytes() {
    return OVERHEAD_BYTES + values.stream().mapToLong(value -> 48 + 2L * value.length()).sum();
  }

  void write(DataOutputStream target) throws IOException {
    BinaryWriter out = new BinaryWriter();
    out.writeUnsigned(number);
    out.writeText(hash);
    out.writeUnsigned(ordinal);
    out.writeSigned(start);
    out.writeCount(values);
    values.forEach(out::writeText);
    target.writeInt(out.length());
    target.write(out.buffer(), 0, out.length());
  }

  static SourceRow read(DataInputStream source) throws IOException {
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    BinaryReader in = new BinaryReader(bytes);
    long number = in.readUnsigned();
    String hash = in.readText();
    int ordinal = in.readUnsignedInt();
    long start = in.readSigned();
    int size = in.readCount();
    List<String> values = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      values.add(in.readText());
    }
    return new SourceRow(number, hash, ordinal, start, Collections.unmodifiableList(values));
  }
}
