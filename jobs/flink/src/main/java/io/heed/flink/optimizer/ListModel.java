package io.heed.flink.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.DelayCurve;
import io.heed.core.optimizer.ValueModel;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;

/** The newest value model of a list, and how fast its clicks come; every task keeps it. */
public record ListModel(String list, ValueModel model, DelayCurve delays) {
  static final CompactTypeInfo<ListModel> TYPE =
      new CompactTypeInfo<>(ListModel.class, new Serializer());

  /** Format 1: version, list, model, delays. */
  public static final class Serializer extends BinarySerializer<ListModel> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(ListModel value, BinaryWriter out) {
      out.writeByte(1);
      out.writeText(value.list);
      value.model.write(out);
      value.delays.write(out);
    }

    @Override
    public ListModel read(BinaryReader in) throws BinaryException {
      in.expectFormat("a list's model", 1);
      return new ListModel(in.readText(), ValueModel.read(in), DelayCurve.read(in));
    }
  }
}
