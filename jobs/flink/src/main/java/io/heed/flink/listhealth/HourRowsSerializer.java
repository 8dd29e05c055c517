package io.heed.flink.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.listhealth.HourRows;
import io.heed.flink.streaming.BinarySerializer;

/** Differences on their way to their rows; never kept in state. */
public final class HourRowsSerializer extends BinarySerializer<HourRows> {
  private static final long serialVersionUID = 1L;
  private static final KeySerializer KEYS = new KeySerializer();

  @Override
  public void write(HourRows rows, BinaryWriter out) {
    KEYS.write(rows.key(), out);
    rows.write(out);
  }

  @Override
  public HourRows read(BinaryReader in) throws BinaryException {
    return HourRows.read(KEYS.read(in), in);
  }

  /** Keys of rows, also in state. Format 1: version, list, campaign, hour. */
  public static final class KeySerializer extends BinarySerializer<HourRows.Key> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(HourRows.Key key, BinaryWriter out) {
      out.writeByte(1);
      out.writeText(key.list());
      out.writeText(key.campaign());
      out.writeSigned(key.hour());
    }

    @Override
    public HourRows.Key read(BinaryReader in) throws BinaryException {
      in.expectFormat("the key of an hour's rows", 1);
      return new HourRows.Key(in.readText(), in.readText(), in.readSigned());
    }
  }
}
