package io.heed.flink.listhealth;

import io.heed.core.listhealth.HourRows;
import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** Differences on their way to their rows; never kept in state. */
public final class HourRowsSerializer extends CompactSerializer<HourRows> {
  private static final long serialVersionUID = 1L;
  private static final KeySerializer KEYS = new KeySerializer();

  @Override
  public void serialize(HourRows rows, DataOutputView target) throws IOException {
    KEYS.serialize(rows.key(), target);
    byte[] bytes = rows.toBytes();
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  public HourRows deserialize(DataInputView source) throws IOException {
    HourRows.Key key = KEYS.deserialize(source);
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    return HourRows.of(key, bytes);
  }

  /** Keys of rows, also in state. Format 1: version, list, campaign, hour. */
  public static final class KeySerializer extends CompactSerializer<HourRows.Key> {
    private static final long serialVersionUID = 1L;
    private static final byte FORMAT = 1;

    @Override
    public void serialize(HourRows.Key key, DataOutputView target) throws IOException {
      target.writeByte(FORMAT);
      StringValue.writeString(key.list(), target);
      StringValue.writeString(key.campaign(), target);
      target.writeLong(key.hour());
    }

    @Override
    public HourRows.Key deserialize(DataInputView source) throws IOException {
      byte format = source.readByte();
      if (format != FORMAT) {
        throw new IOException("the key of an hour's rows has unknown format " + format);
      }
      return new HourRows.Key(
          StringValue.readString(source), StringValue.readString(source), source.readLong());
    }
  }
}
