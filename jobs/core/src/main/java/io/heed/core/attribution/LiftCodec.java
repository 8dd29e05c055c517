package io.heed.core.attribution;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.RunningComparison;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The compact form of a {@link LiftLedger}, and of what it is made of. */
public final class LiftCodec {
  private static final int FORMAT = 1;
  private static final int METRICS = LiftMetric.values().length;

  private LiftCodec() {}

  /** The compact form. */
  public static byte[] write(LiftLedger ledger) {
    BinaryWriter out = new BinaryWriter();
    out.writeByte(FORMAT);
    out.writeUnsigned(ledger.seq);
    out.writeBoolean(ledger.stopped);
    out.writeCount(ledger.arms.keySet());
    ledger.arms.forEach(
        (arm, counts) -> {
          out.writeText(arm.variantId());
          out.writeBoolean(arm.holdout());
          out.writeSigned(arm.epoch());
          write(counts, out);
        });
    List<Map.Entry<Integer, LiftDelta>> waiting = new ArrayList<>();
    ledger.waiting.forEach(
        (day, deltas) -> deltas.forEach(delta -> waiting.add(Map.entry(day, delta))));
    out.writeCount(waiting);
    for (Map.Entry<Integer, LiftDelta> delta : waiting) {
      out.writeSigned(delta.getKey());
      write(delta.getValue(), out);
    }
    out.writeCount(ledger.running.keySet());
    ledger.running.forEach(
        (comparison, running) -> {
          out.writeText(comparison.variantId());
          out.writeByte(comparison.metric().ordinal());
          out.writeDouble(running.logP());
          out.writeDouble(running.interval().lower());
          out.writeDouble(running.interval().upper());
        });
    return out.toByteArray();
  }

  /**
   * Reads the compact form.
   *
   * @throws BinaryException if it is broken, or of a format that is not known here
   */
  public static LiftLedger read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new BinaryReader(bytes), LiftCodec::ledger);
  }

  private static LiftLedger ledger(BinaryReader in) throws BinaryException {
    in.expectFormat("lift", FORMAT);
    LiftLedger ledger = new LiftLedger();
    ledger.seq = in.readUnsigned();
    ledger.stopped = in.readBoolean();
    for (int left = in.readCount(); left > 0; left--) {
      ledger.arms.put(
          new LiftLedger.Arm(in.readText(), in.readBoolean(), in.readSignedInt()), readCounts(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      int day = in.readSignedInt();
      ledger.waiting.computeIfAbsent(day, any -> new ArrayList<>()).add(readDelta(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      ledger.running.put(
          new LiftLedger.Comparison(in.readText(), in.readConstant(LiftMetric.values())),
          new RunningComparison(in.readDouble(), new Interval(in.readDouble(), in.readDouble())));
    }
    return ledger;
  }

  /** Writes what an arm gains. */
  public static void write(LiftDelta delta, BinaryWriter out) {
    out.writeText(delta.experimentId());
    out.writeText(delta.variantId());
    out.writeSigned(delta.epoch());
    out.writeBoolean(delta.holdout());
    out.writeSigned(delta.day());
    write(delta.came(), out);
    write(delta.gone(), out);
  }

  /** Reads what {@link #write(LiftDelta, BinaryWriter)} wrote. */
  public static LiftDelta readDelta(BinaryReader in) throws BinaryException {
    return new LiftDelta(
        in.readText(),
        in.readText(),
        in.readSignedInt(),
        in.readBoolean(),
        in.readSignedInt(),
        readCounts(in),
        readCounts(in));
  }

  private static void write(LiftCounts counts, BinaryWriter out) {
    for (int i = 0; i < METRICS; i++) {
      MeanCounts outcome = counts.outcomes().get(i);
      out.writeSigned(outcome.recipients());
      out.writeSigned(outcome.successes());
      out.writeInteger(outcome.sumMicros());
      out.writeInteger(outcome.sumSquares());
      out.writeInteger(counts.credited().get(i));
    }
  }

  private static LiftCounts readCounts(BinaryReader in) throws BinaryException {
    List<MeanCounts> outcomes = new ArrayList<>(METRICS);
    List<BigInteger> credited = new ArrayList<>(METRICS);
    for (int i = 0; i < METRICS; i++) {
      outcomes.add(
          new MeanCounts(
              in.readSigned(),
              in.readSigned(),
              in.readInteger(),
              in.readInteger(),
              BigInteger.ZERO,
              BigInteger.ZERO,
              BigInteger.ZERO));
      credited.add(in.readInteger());
    }
    return new LiftCounts(outcomes, credited);
  }
}
