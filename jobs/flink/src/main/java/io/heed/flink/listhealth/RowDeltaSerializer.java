package io.heed.flink.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.flink.streaming.BinarySerializer;

/** Differences on their way to those who watch them; never kept in state. */
public final class RowDeltaSerializer extends BinarySerializer<RowDelta> {
  private static final long serialVersionUID = 1L;
  private static final RowKeySerializer KEYS = new RowKeySerializer();

  @Override
  public void write(RowDelta delta, BinaryWriter out) {
    KEYS.write(delta.key(), out);
    HourRows.write(delta.counts(), out);
  }

  @Override
  public RowDelta read(BinaryReader in) throws BinaryException {
    RowKey key = KEYS.read(in);
    long[] counts = new long[key.table().metrics()];
    HourRows.read(counts, in);
    return new RowDelta(key, counts);
  }
}
