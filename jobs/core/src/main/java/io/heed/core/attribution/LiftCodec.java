package io.heed.core.attribution;

import io.heed.core.statistics.Interval;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.RunningComparison;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(FORMAT);
      out.writeLong(ledger.seq);
      out.writeInt(ledger.arms.size());
      for (Map.Entry<LiftLedger.Arm, LiftCounts> arm : ledger.arms.entrySet()) {
        out.writeUTF(arm.getKey().variantId());
        out.writeBoolean(arm.getKey().holdout());
        out.writeInt(arm.getKey().epoch());
        write(arm.getValue(), out);
      }
      List<Map.Entry<Integer, LiftDelta>> waiting = new ArrayList<>();
      ledger.waiting.forEach(
          (day, deltas) -> deltas.forEach(delta -> waiting.add(Map.entry(day, delta))));
      out.writeInt(waiting.size());
      for (Map.Entry<Integer, LiftDelta> delta : waiting) {
        out.writeInt(delta.getKey());
        write(delta.getValue(), out);
      }
      out.writeInt(ledger.running.size());
      for (Map.Entry<LiftLedger.Comparison, RunningComparison> running :
          ledger.running.entrySet()) {
        out.writeUTF(running.getKey().variantId());
        out.writeByte(running.getKey().metric().ordinal());
        out.writeDouble(running.getValue().logP());
        out.writeDouble(running.getValue().interval().lower());
        out.writeDouble(running.getValue().interval().upper());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads the compact form.
   *
   * @throws IllegalStateException if it is of a format that is not known here
   */
  public static LiftLedger read(byte[] bytes) {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    LiftLedger ledger = new LiftLedger();
    try {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IllegalStateException("lift has unknown format " + format);
      }
      ledger.seq = in.readLong();
      for (int left = in.readInt(); left > 0; left--) {
        ledger.arms.put(
            new LiftLedger.Arm(in.readUTF(), in.readBoolean(), in.readInt()), readCounts(in));
      }
      for (int left = in.readInt(); left > 0; left--) {
        int day = in.readInt();
        ledger.waiting.computeIfAbsent(day, any -> new ArrayList<>()).add(readDelta(in));
      }
      for (int left = in.readInt(); left > 0; left--) {
        ledger.running.put(
            new LiftLedger.Comparison(in.readUTF(), LiftMetric.values()[in.readByte()]),
            new RunningComparison(in.readDouble(), new Interval(in.readDouble(), in.readDouble())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ledger;
  }

  /** Writes what an arm gains. */
  public static void write(LiftDelta delta, DataOutput out) throws IOException {
    out.writeUTF(delta.experimentId());
    out.writeUTF(delta.variantId());
    out.writeInt(delta.epoch());
    out.writeBoolean(delta.holdout());
    out.writeInt(delta.day());
    write(delta.came(), out);
    write(delta.gone(), out);
  }

  /** Reads what {@link #write(LiftDelta, DataOutput)} wrote. */
  public static LiftDelta readDelta(DataInput in) throws IOException {
    return new LiftDelta(
        in.readUTF(),
        in.readUTF(),
        in.readInt(),
        in.readBoolean(),
        in.readInt(),
        readCounts(in),
        readCounts(in));
  }

  private static void write(LiftCounts counts, DataOutput out) throws IOException {
    for (int i = 0; i < METRICS; i++) {
      MeanCounts outcome = counts.outcomes().get(i);
      out.writeLong(outcome.recipients());
      out.writeLong(outcome.successes());
      write(outcome.sumMicros(), out);
      write(outcome.sumSquares(), out);
      write(counts.credited().get(i), out);
    }
  }

  private static LiftCounts readCounts(DataInput in) throws IOException {
    List<MeanCounts> outcomes = new ArrayList<>(METRICS);
    List<BigInteger> credited = new ArrayList<>(METRICS);
    for (int i = 0; i < METRICS; i++) {
      outcomes.add(
          new MeanCounts(
              in.readLong(),
              in.readLong(),
              readInteger(in),
              readInteger(in),
              BigInteger.ZERO,
              BigInteger.ZERO,
              BigInteger.ZERO));
      credited.add(readInteger(in));
    }
    return new LiftCounts(outcomes, credited);
  }

  private static void write(BigInteger value, DataOutput out) throws IOException {
    byte[] bytes = value.toByteArray();
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static BigInteger readInteger(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedShort()];
    in.readFully(bytes);
    return new BigInteger(bytes);
  }
}
