package io.heed.flink.attribution;

import io.heed.core.attribution.Attributed;
import io.heed.core.attribution.Converted;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftCodec;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.PathTouch;
import io.heed.core.attribution.TransitionCounts;
import io.heed.core.model.ConversionKind;
import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** Binary forms of what travels between the operators; what is kept in state has a version. */
final class Serializers {
  static final CompactTypeInfo<TransitionCounts> TRANSITION_COUNTS =
      new CompactTypeInfo<>(TransitionCounts.class, new OfTransitionCounts());
  static final CompactTypeInfo<DayTransitions> DAY_TRANSITIONS =
      new CompactTypeInfo<>(DayTransitions.class, new OfDayTransitions());
  static final CompactTypeInfo<MarkovCredit> MARKOV_CREDIT =
      new CompactTypeInfo<>(MarkovCredit.class, new OfMarkovCredit());
  static final CompactTypeInfo<DayModel> DAY_MODEL =
      new CompactTypeInfo<>(DayModel.class, new OfDayModel());
  static final CompactTypeInfo<LiftDelta> LIFT_DELTA =
      new CompactTypeInfo<>(LiftDelta.class, new OfLiftDelta());

  private Serializers() {}

  private static void expectVersion(DataInputView source) throws IOException {
    int version = source.readByte();
    if (version != 1) {
      throw new IOException("unknown format " + version);
    }
  }

  /** In state. Format 1: version, number of steps, steps with their counts. */
  public static final class OfTransitionCounts extends CompactSerializer<TransitionCounts> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isImmutableType() {
      return false;
    }

    @Override
    public TransitionCounts copy(TransitionCounts from) {
      TransitionCounts copy = new TransitionCounts();
      copy.addAll(from);
      return copy;
    }

    @Override
    public void serialize(TransitionCounts counts, DataOutputView target) throws IOException {
      target.writeByte(1);
      target.writeInt(counts.asMap().size());
      for (Map.Entry<TransitionCounts.Transition, Long> step : counts.asMap().entrySet()) {
        target.writeUTF(step.getKey().from());
        target.writeUTF(step.getKey().to());
        target.writeLong(step.getValue());
      }
    }

    @Override
    public TransitionCounts deserialize(DataInputView source) throws IOException {
      expectVersion(source);
      TransitionCounts counts = new TransitionCounts();
      for (int left = source.readInt(); left > 0; left--) {
        counts.add(source.readUTF(), source.readUTF(), source.readLong());
      }
      return counts;
    }
  }

  /** Between operators only. */
  public static final class OfDayTransitions extends CompactSerializer<DayTransitions> {
    private static final long serialVersionUID = 1L;
    private static final OfTransitionCounts COUNTS = new OfTransitionCounts();

    @Override
    public void serialize(DayTransitions paths, DataOutputView target) throws IOException {
      target.writeInt(paths.day());
      COUNTS.serialize(paths.counts(), target);
    }

    @Override
    public DayTransitions deserialize(DataInputView source) throws IOException {
      return new DayTransitions(source.readInt(), COUNTS.deserialize(source));
    }
  }

  /** In state. Format 1: version, recipient, seq, then what held before and what holds now. */
  public static final class OfMarkovCredit extends CompactSerializer<MarkovCredit> {
    private static final long serialVersionUID = 1L;
    private static final ConversionKind[] KINDS = ConversionKind.values();

    @Override
    public void serialize(MarkovCredit credit, DataOutputView target) throws IOException {
      target.writeByte(1);
      target.writeUTF(credit.recipientId());
      target.writeLong(credit.seq());
      write(credit.before(), target);
      write(credit.after(), target);
    }

    @Override
    public MarkovCredit deserialize(DataInputView source) throws IOException {
      expectVersion(source);
      String recipientId = source.readUTF();
      long seq = source.readLong();
      return new MarkovCredit(recipientId, read(source), read(source), seq);
    }

    private static void write(Attributed attributed, DataOutputView target) throws IOException {
      target.writeBoolean(attributed != null);
      if (attributed == null) {
        return;
      }
      Converted conversion = attributed.conversion();
      StringValue.writeString(conversion.id(), target);
      target.writeByte(conversion.kind().ordinal());
      target.writeLong(conversion.time());
      target.writeLong(conversion.revenueMicros());
      StringValue.writeString(conversion.originalId(), target);
      target.writeInt(conversion.stamp());
      target.writeLong(attributed.modelTime());
      target.writeShort(attributed.path().size());
      for (PathTouch touch : attributed.path()) {
        StringValue.writeString(touch.channel(), target);
        StringValue.writeString(touch.campaignId(), target);
        StringValue.writeString(touch.variantId(), target);
        StringValue.writeString(touch.experimentId(), target);
        target.writeLong(touch.time());
      }
    }

    private static Attributed read(DataInputView source) throws IOException {
      if (!source.readBoolean()) {
        return null;
      }
      Converted conversion =
          new Converted(
              StringValue.readString(source),
              KINDS[source.readByte()],
              source.readLong(),
              source.readLong(),
              StringValue.readString(source),
              source.readInt());
      long modelTime = source.readLong();
      List<PathTouch> path = new ArrayList<>();
      for (int left = source.readShort(); left > 0; left--) {
        path.add(
            new PathTouch(
                StringValue.readString(source),
                StringValue.readString(source),
                StringValue.readString(source),
                StringValue.readString(source),
                source.readLong()));
      }
      return new Attributed(conversion, modelTime, path);
    }
  }

  /** Between operators only. */
  public static final class OfDayModel extends CompactSerializer<DayModel> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(DayModel model, DataOutputView target) throws IOException {
      target.writeInt(model.day());
      target.writeInt(model.removalEffects().size());
      for (Map.Entry<String, Double> effect : model.removalEffects().entrySet()) {
        target.writeUTF(effect.getKey());
        target.writeDouble(effect.getValue());
      }
    }

    @Override
    public DayModel deserialize(DataInputView source) throws IOException {
      int day = source.readInt();
      Map<String, Double> effects = new TreeMap<>();
      for (int left = source.readInt(); left > 0; left--) {
        effects.put(source.readUTF(), source.readDouble());
      }
      return new DayModel(day, effects);
    }
  }

  /** Between operators only; in state it is part of the ledger. */
  public static final class OfLiftDelta extends CompactSerializer<LiftDelta> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(LiftDelta delta, DataOutputView target) throws IOException {
      LiftCodec.write(delta, target);
    }

    @Override
    public LiftDelta deserialize(DataInputView source) throws IOException {
      return LiftCodec.readDelta(source);
    }
  }
}
