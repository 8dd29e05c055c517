package io.heed.flink.listhealth;

import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What is kept of a row.
 *
 * @param seq version of the row that was written last
 * @param counts its counts; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RowTotal(long seq, long[] counts) {

  /** Format 1: version, seq, number of counts, counts. */
  public static final class Serializer extends CompactSerializer<RowTotal> {
    private static final long serialVersionUID = 1L;
    private static final byte FORMAT = 1;

    @Override
    public void serialize(RowTotal total, DataOutputView target) throws IOException {
      target.writeByte(FORMAT);
      target.writeLong(total.seq);
      target.writeByte(total.counts.length);
      Counts.write(total.counts, target);
    }

    @Override
    public RowTotal deserialize(DataInputView source) throws IOException {
      byte format = source.readByte();
      if (format != FORMAT) {
        throw new IOException("the total of a row has unknown format " + format);
      }
      long seq = source.readLong();
      long[] counts = new long[source.readByte()];
      Counts.read(counts, source);
      return new RowTotal(seq, counts);
    }
  }
}
