package io.heed.flink.sendgate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What a subtask of the gate stores beside its recipients.
 *
 * @param bornAt wall clock when the state began, epoch milliseconds
 * @param watermark how far event time had come, epoch milliseconds
 * @param read how far each partition has been read
 * @param rebuildUntil where the suppressions ended when the state began: up to there they are of a
 *     previous run and have to be taken over, behind it the gate reads its own records
 * @param verdictsFrom where the verdicts ended at the latest before this was stored
 * @param rules hash of the rules that recipients were reviewed by; empty if tasks differ
 * @param unreviewed key groups that were not yet reviewed by them
 */
record RunState(
    long bornAt,
    long watermark,
    Map<Part, Long> read,
    Map<Part, Long> rebuildUntil,
    Map<Part, Long> verdictsFrom,
    String rules,
    BitSet unreviewed) {

  static final CompactTypeInfo<RunState> TYPE =
      new CompactTypeInfo<>(RunState.class, new Serializer());

  /** What several subtasks store together; all of them read the same partitions. */
  RunState with(RunState other) {
    Map<Part, Long> mostRead = new HashMap<>(read);
    other.read.forEach((part, next) -> mostRead.merge(part, next, Math::max));
    // Where one of them has to read from the oldest on, all have to.
    Map<Part, Long> earliest = new HashMap<>(verdictsFrom);
    earliest.keySet().retainAll(other.verdictsFrom.keySet());
    earliest.replaceAll((part, next) -> Math.min(next, other.verdictsFrom.get(part)));
    BitSet groups = (BitSet) unreviewed.clone();
    groups.or(other.unreviewed);
    return new RunState(
        Math.min(bornAt, other.bornAt),
        Math.max(watermark, other.watermark),
        mostRead,
        rebuildUntil,
        earliest,
        rules.equals(other.rules) ? rules : "",
        groups);
  }

  /** Format 2: version, then the fields in order. */
  public static final class Serializer extends BinarySerializer<RunState> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(RunState run, BinaryWriter out) {
      out.writeByte(2);
      out.writeSigned(run.bornAt());
      out.writeSigned(run.watermark());
      write(run.read(), out);
      write(run.rebuildUntil(), out);
      write(run.verdictsFrom(), out);
      out.writeText(run.rules());
      out.writeBlock(run.unreviewed().toByteArray());
    }

    @Override
    public RunState read(BinaryReader in) throws BinaryException {
      in.expectFormat("state of the gate", 2);
      return new RunState(
          in.readSigned(),
          in.readSigned(),
          offsets(in),
          offsets(in),
          offsets(in),
          in.readText(),
          BitSet.valueOf(in.readBlock()));
    }

    /** Topics by name: their order in the enum may change. */
    private static void write(Map<Part, Long> offsets, BinaryWriter out) {
      out.writeCount(offsets.keySet());
      offsets.forEach(
          (part, next) -> {
            out.writeText(part.name());
            out.writeUnsigned(part.partition());
            out.writeUnsigned(next);
          });
    }

    private static Map<Part, Long> offsets(BinaryReader in) throws BinaryException {
      Map<Part, Long> offsets = new HashMap<>();
      for (int left = in.readCount(); left > 0; left--) {
        offsets.put(Part.of(in.readText(), in.readUnsignedInt()), in.readUnsigned());
      }
      return offsets;
    }
  }
}
