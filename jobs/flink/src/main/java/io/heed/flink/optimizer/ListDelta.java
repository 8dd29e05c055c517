package io.heed.flink.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.outcomes.DayCounts;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;

/** What the recipients of one task contribute to one day of a list; never kept in state. */
record ListDelta(String list, int day, DayCounts counts) {
  static final CompactTypeInfo<ListDelta> TYPE =
      new CompactTypeInfo<>(ListDelta.class, new Serializer());

  /** Between operators. */
  static final class Serializer extends BinarySerializer<ListDelta> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(ListDelta delta, BinaryWriter out) {
      out.writeText(delta.list);
      out.writeUnsigned(delta.day);
      delta.counts.write(out);
    }

    @Override
    public ListDelta read(BinaryReader in) throws BinaryException {
      return new ListDelta(in.readText(), in.readUnsignedInt(), DayCounts.read(in));
    }
  }
}
