package io.heed.flink.listhealth;

import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.RowKey;
import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/**
 * Keys of what alerts watch, also in state. Format 1: the table's number, then the fields in order;
 * a later format takes other numbers for the tables.
 */
public final class RowKeySerializer extends CompactSerializer<RowKey> {
  private static final long serialVersionUID = 1L;
  private static final CountTable[] TABLES = CountTable.values();

  @Override
  public void serialize(RowKey key, DataOutputView target) throws IOException {
    target.writeByte(key.table().ordinal());
    target.writeLong(key.start());
    target.writeInt(key.seconds());
    StringValue.writeString(key.list(), target);
    StringValue.writeString(key.campaign(), target);
    StringValue.writeString(key.part(), target);
    StringValue.writeString(key.errorClass(), target);
  }

  @Override
  public RowKey deserialize(DataInputView source) throws IOException {
    return new RowKey(
        TABLES[source.readByte()],
        source.readLong(),
        source.readInt(),
        StringValue.readString(source),
        StringValue.readString(source),
        StringValue.readString(source),
        StringValue.readString(source));
  }
}
