package io.heed.flink.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.RowKey;
import io.heed.flink.streaming.BinarySerializer;

/**
 * Keys of what alerts watch, also in state. Format 1: the table's number, then the fields in order;
 * a later format takes other numbers for the tables.
 */
public final class RowKeySerializer extends BinarySerializer<RowKey> {
  private static final long serialVersionUID = 1L;
  private static final CountTable[] TABLES = CountTable.values();

  @Override
  public void write(RowKey key, BinaryWriter out) {
    out.writeByte(key.table().ordinal());
    out.writeSigned(key.start());
    out.writeUnsigned(key.seconds());
    out.writeText(key.list());
    out.writeText(key.campaign());
    out.writeText(key.part());
    out.writeText(key.errorClass());
  }

  @Override
  public RowKey read(BinaryReader in) throws BinaryException {
    return new RowKey(
        in.readConstant(TABLES),
        in.readSigned(),
        in.readUnsignedInt(),
        in.readText(),
        in.readText(),
        in.readText(),
        in.readText());
  }
}
