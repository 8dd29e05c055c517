package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/**
 * What a subtask of the gate stores beside its recipients.
 *
 * @param bornAt wall clock when the state began, epoch milliseconds
 * @param watermark how far event time had come, epoch milliseconds
 * @param read how far each partition has been read
 * @param rebuildUntil where the suppressions ended when the state began: up to there they are of an
 *     earlier life and have to be taken over, behind it they are the gate's own echo
 * @param verdictsFrom where the verdicts ended at the latest before this was stored
 * @param rules hash of the rules that recipients were reviewed by; empty if tasks differ
 * @param unreviewed key groups that were not yet reviewed by them
 */
record Life(
    long bornAt,
    long watermark,
    Map<Part, Long> read,
    Map<Part, Long> rebuildUntil,
    Map<Part, Long> verdictsFrom,
    String rules,
    BitSet unreviewed) {

  static final CompactTypeInfo<Life> TYPE = new CompactTypeInfo<>(Life.class, new Serializer());

  /** What several subtasks store together; all of them read the same partitions. */
  Life with(Life other) {
    Map<Part, Long> mostRead = new HashMap<>(read);
    other.read.forEach((part, next) -> mostRead.merge(part, next, Math::max));
    // Where one of them has to read from the oldest on, all have to.
    Map<Part, Long> earliest = new HashMap<>(verdictsFrom);
    earliest.keySet().retainAll(other.verdictsFrom.keySet());
    earliest.replaceAll((part, next) -> Math.min(next, other.verdictsFrom.get(part)));
    BitSet groups = (BitSet) unreviewed.clone();
    groups.or(other.unreviewed);
    return new Life(
        Math.min(bornAt, other.bornAt),
        Math.max(watermark, other.watermark),
        mostRead,
        rebuildUntil,
        earliest,
        rules.equals(other.rules) ? rules : "",
        groups);
  }

  /** Format 2: version, then the fields in order. */
  public static final class Serializer extends CompactSerializer<Life> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(Life life, DataOutputView target) throws IOException {
      target.writeByte(2);
      target.writeLong(life.bornAt());
      target.writeLong(life.watermark());
      write(life.read(), target);
      write(life.rebuildUntil(), target);
      write(life.verdictsFrom(), target);
      StringValue.writeString(life.rules(), target);
      byte[] groups = life.unreviewed().toByteArray();
      target.writeInt(groups.length);
      target.write(groups);
    }

    @Override
    public Life deserialize(DataInputView source) throws IOException {
      byte version = source.readByte();
      if (version != 2) {
        throw new IOException("state of the gate has unknown format " + version);
      }
      return new Life(
          source.readLong(),
          source.readLong(),
          read(source),
          read(source),
          read(source),
          StringValue.readString(source),
          groups(source));
    }

    private static BitSet groups(DataInputView source) throws IOException {
      byte[] groups = new byte[source.readInt()];
      source.readFully(groups);
      return BitSet.valueOf(groups);
    }

    /** Topics by name: their order in the enum may change. */
    private static void write(Map<Part, Long> offsets, DataOutputView target) throws IOException {
      target.writeInt(offsets.size());
      for (Map.Entry<Part, Long> offset : offsets.entrySet()) {
        StringValue.writeString(offset.getKey().name(), target);
        target.writeInt(offset.getKey().partition());
        target.writeLong(offset.getValue());
      }
    }

    private static Map<Part, Long> read(DataInputView source) throws IOException {
      Map<Part, Long> offsets = new HashMap<>();
      for (int left = source.readInt(); left > 0; left--) {
        Part part = Part.of(StringValue.readString(source), source.readInt());
        offsets.put(part, source.readLong());
      }
      return offsets;
    }
  }
}
