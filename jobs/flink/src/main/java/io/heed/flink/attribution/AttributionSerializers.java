package io.heed.flink.attribution;

import io.heed.core.attribution.Attributed;
import io.heed.core.attribution.Converted;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftCodec;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.PathTouch;
import io.heed.core.attribution.TransitionCounts;
import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.ConversionKind;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.util.ArrayList;
import java.util.List;

/** Binary forms of what travels between the operators; what is kept in state has a version. */
final class AttributionSerializers {
  static final CompactTypeInfo<TransitionCounts> TRANSITION_COUNTS =
      new CompactTypeInfo<>(TransitionCounts.class, new OfTransitionCounts());
  static final CompactTypeInfo<DayTransitions> DAY_TRANSITIONS =
      new CompactTypeInfo<>(DayTransitions.class, new OfDayTransitions());
  static final CompactTypeInfo<MarkovCredit> MARKOV_CREDIT =
      new CompactTypeInfo<>(MarkovCredit.class, new OfMarkovCredit());
  static final CompactTypeInfo<DayModel> DAY_MODEL = CompactTypeInfo.ofRecords(DayModel.class);
  static final CompactTypeInfo<LiftDelta> LIFT_DELTA =
      new CompactTypeInfo<>(LiftDelta.class, new OfLiftDelta());

  private AttributionSerializers() {}

  /** In state. Format 1: version, number of steps, steps with their counts. */
  public static final class OfTransitionCounts extends BinarySerializer<TransitionCounts> {
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
    public void write(TransitionCounts counts, BinaryWriter out) {
      out.writeByte(1);
      out.writeCount(counts.asMap().keySet());
      counts
          .asMap()
          .forEach(
              (step, count) -> {
                out.writeText(step.from());
                out.writeText(step.to());
                out.writeSigned(count);
              });
    }

    @Override
    public TransitionCounts read(BinaryReader in) throws BinaryException {
      in.expectFormat("counts of a day", 1);
      TransitionCounts counts = new TransitionCounts();
      for (int left = in.readCount(); left > 0; left--) {
        counts.add(in.readText(), in.readText(), in.readSigned());
      }
      return counts;
    }
  }

  /** Between operators only. */
  public static final class OfDayTransitions extends BinarySerializer<DayTransitions> {
    private static final long serialVersionUID = 1L;
    private static final OfTransitionCounts COUNTS = new OfTransitionCounts();

    @Override
    public void write(DayTransitions paths, BinaryWriter out) {
      out.writeSigned(paths.day());
      COUNTS.write(paths.counts(), out);
    }

    @Override
    public DayTransitions read(BinaryReader in) throws BinaryException {
      return new DayTransitions(in.readSignedInt(), COUNTS.read(in));
    }
  }

  /** In state. Format 1: version, recipient, seq, then what held before and what holds now. */
  public static final class OfMarkovCredit extends BinarySerializer<MarkovCredit> {
    private static final long serialVersionUID = 1L;
    private static final ConversionKind[] KINDS = ConversionKind.values();

    @Override
    public void write(MarkovCredit credit, BinaryWriter out) {
      out.writeByte(1);
      out.writeText(credit.recipientId());
      out.writeSigned(credit.seq());
      write(credit.before(), out);
      write(credit.after(), out);
    }

    @Override
    public MarkovCredit read(BinaryReader in) throws BinaryException {
      in.expectFormat("credit", 1);
      String recipientId = in.readText();
      long seq = in.readSigned();
      return new MarkovCredit(recipientId, readAttributed(in), readAttributed(in), seq);
    }

    private static void write(Attributed attributed, BinaryWriter out) {
      out.writeBoolean(attributed != null);
      if (attributed == null) {
        return;
      }
      Converted conversion = attributed.conversion();
      out.writeText(conversion.id());
      out.writeByte(conversion.kind().ordinal());
      out.writeSigned(conversion.time());
      out.writeSigned(conversion.revenueMicros());
      out.writeNullableText(conversion.originalId());
      out.writeInt(conversion.stamp());
      out.writeSigned(attributed.modelTime());
      out.writeCount(attributed.path());
      for (PathTouch touch : attributed.path()) {
        out.writeText(touch.channel());
        out.writeNullableText(touch.campaignId());
        out.writeNullableText(touch.variantId());
        out.writeNullableText(touch.experimentId());
        out.writeSigned(touch.time());
      }
    }

    private static Attributed readAttributed(BinaryReader in) throws BinaryException {
      if (!in.readBoolean()) {
        return null;
      }
      Converted conversion =
          new Converted(
              in.readText(),
              in.readConstant(KINDS),
              in.readSigned(),
              in.readSigned(),
              in.readNullableText(),
              in.readInt());
      long modelTime = in.readSigned();
      List<PathTouch> path = new ArrayList<>();
      for (int left = in.readCount(); left > 0; left--) {
        path.add(
            new PathTouch(
                in.readText(),
                in.readNullableText(),
                in.readNullableText(),
                in.readNullableText(),
                in.readSigned()));
      }
      return new Attributed(conversion, modelTime, path);
    }
  }

  /** Between operators only; in state it is part of the ledger. */
  public static final class OfLiftDelta extends BinarySerializer<LiftDelta> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(LiftDelta delta, BinaryWriter out) {
      LiftCodec.write(delta, out);
    }

    @Override
    public LiftDelta read(BinaryReader in) throws BinaryException {
      return LiftCodec.readDelta(in);
    }
  }
}
