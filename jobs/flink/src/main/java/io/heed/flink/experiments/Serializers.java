package io.heed.flink.experiments;

import io.heed.core.experiments.ExperimentProgress;
import io.heed.core.experiments.Recipient;
import io.heed.core.experiments.Totals;
import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary forms are the values' own; they carry their versions. */
final class Serializers {
  static final CompactTypeInfo<Recipient> RECIPIENT =
      new CompactTypeInfo<>(Recipient.class, new OfRecipient());
  static final CompactTypeInfo<ExperimentProgress> PROGRESS =
      new CompactTypeInfo<>(ExperimentProgress.class, new OfProgress());
  static final CompactTypeInfo<CountChange> COUNT_CHANGE =
      new CompactTypeInfo<>(CountChange.class, new OfCountChange());

  private Serializers() {}

  /** In state. */
  public static final class OfRecipient extends CompactSerializer<Recipient> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(Recipient recipient, DataOutputView target) throws IOException {
      recipient.write(target);
    }

    @Override
    public Recipient deserialize(DataInputView source) throws IOException {
      return Recipient.read(source);
    }
  }

  /** In state. */
  public static final class OfProgress extends CompactSerializer<ExperimentProgress> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(ExperimentProgress progress, DataOutputView target) throws IOException {
      progress.write(target);
    }

    @Override
    public ExperimentProgress deserialize(DataInputView source) throws IOException {
      return ExperimentProgress.read(source);
    }
  }

  /** Between operators only. */
  public static final class OfCountChange extends CompactSerializer<CountChange> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(CountChange change, DataOutputView target) throws IOException {
      target.writeUTF(change.experimentId());
      target.writeInt(change.changes().size());
      for (Map.Entry<Long, Totals> part : change.changes().entrySet()) {
        target.writeLong(part.getKey());
        part.getValue().write(target);
      }
    }

    @Override
    public CountChange deserialize(DataInputView source) throws IOException {
      String experimentId = source.readUTF();
      SortedMap<Long, Totals> changes = new TreeMap<>();
      for (int left = source.readInt(); left > 0; left--) {
        changes.put(source.readLong(), Totals.read(source));
      }
      return new CountChange(experimentId, changes);
    }
  }
}
