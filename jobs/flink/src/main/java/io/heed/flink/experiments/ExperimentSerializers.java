package io.heed.flink.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentProgress;
import io.heed.core.experiments.Recipient;
import io.heed.core.experiments.Totals;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The binary forms are the values' own; they carry their versions. */
final class ExperimentSerializers {
  static final CompactTypeInfo<Recipient> RECIPIENT =
      new CompactTypeInfo<>(Recipient.class, new OfRecipient());
  static final CompactTypeInfo<ExperimentProgress> PROGRESS =
      new CompactTypeInfo<>(ExperimentProgress.class, new OfProgress());
  static final CompactTypeInfo<CountChange> COUNT_CHANGE =
      new CompactTypeInfo<>(CountChange.class, new OfCountChange());

  private ExperimentSerializers() {}

  /** In state. */
  public static final class OfRecipient extends BinarySerializer<Recipient> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(Recipient recipient, BinaryWriter out) {
      recipient.write(out);
    }

    @Override
    public Recipient read(BinaryReader in) throws BinaryException {
      return Recipient.read(in);
    }
  }

  /** In state. */
  public static final class OfProgress extends BinarySerializer<ExperimentProgress> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(ExperimentProgress progress, BinaryWriter out) {
      progress.write(out);
    }

    @Override
    public ExperimentProgress read(BinaryReader in) throws BinaryException {
      return ExperimentProgress.read(in);
    }
  }

  /** Between operators only. */
  public static final class OfCountChange extends BinarySerializer<CountChange> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(CountChange change, BinaryWriter out) {
      out.writeText(change.experimentId());
      out.writeCount(change.changes().keySet());
      for (Map.Entry<Long, Totals> part : change.changes().entrySet()) {
        out.writeSigned(part.getKey());
        part.getValue().write(out);
      }
    }

    @Override
    public CountChange read(BinaryReader in) throws BinaryException {
      String experimentId = in.readText();
      SortedMap<Long, Totals> changes = new TreeMap<>();
      for (int left = in.readCount(); left > 0; left--) {
        changes.put(in.readSigned(), Totals.read(in));
      }
      return new CountChange(experimentId, changes);
    }
  }
}
