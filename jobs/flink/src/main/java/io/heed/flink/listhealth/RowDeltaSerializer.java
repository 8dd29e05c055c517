package io.heed.flink.listhealth;

import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Differences on their way to those who watch them; never kept in state. */
public final class RowDeltaSerializer extends CompactSerializer<RowDelta> {
  private static final long serialVersionUID = 1L;
  private static final RowKeySerializer KEYS = new RowKeySerializer();

  @Override
  public void serialize(RowDelta delta, DataOutputView target) throws IOException {
    KEYS.serialize(delta.key(), target);
    Counts.write(delta.counts(), target);
  }

  @Override
  public RowDelta deserialize(DataInputView source) throws IOException {
    RowKey key = KEYS.deserialize(source);
    long[] counts = new long[key.table().metrics()];
    Counts.read(counts, source);
    return new RowDelta(key, counts);
  }
}
