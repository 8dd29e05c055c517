package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a subtask of the gate remembers beside its recipients.
 *
 * @param bornAt wall clock when the state began, epoch milliseconds
 * @param read how far each partition has been read
 * @param rebuildUntil where the suppressions ended when the state began: up to there they are of an
 *     earlier life and have to be taken over, behind it they are the gate's own echo
 * @param verdictsFrom where the verdicts ended at the latest before this was stored
 */
record Life(
    long bornAt, Map<Part, Long> read, Map<Part, Long> rebuildUntil, Map<Part, Long> verdictsFrom) {

  static final CompactTypeInfo<Life> TYPE = new CompactTypeInfo<>(Life.class, new Serializer());

  /** What several subtasks remember together; all of them read the same partitions. */
  Life with(Life other) {
    Map<Part, Long> mostRead = new HashMap<>(read);
    other.read.forEach((part, next) -> mostRead.merge(part, next, Math::max));
    // Where one of them has to read from the oldest on, all have to.
    Map<Part, Long> earliest = new HashMap<>(verdictsFrom);
    earliest.keySet().retainAll(other.verdictsFrom.keySet());
    earliest.replaceAll((part, next) -> Math.min(next, other.verdictsFrom.get(part)));
    return new Life(Math.min(bornAt, other.bornAt), mostRead, rebuildUntil, earliest);
  }

  /** Format 1: version, then the fields in order. */
  public static final class Serializer extends CompactSerializer<Life> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(Life life, DataOutputView target) throws IOException {
      target.writeByte(1);
      target.writeLong(life.bornAt());
      write(life.read(), target);
      write(life.rebuildUntil(), target);
      write(life.verdictsFrom(), target);
    }

    @Override
    public Life deserialize(DataInputView source) throws IOException {
      byte version = source.readByte();
      if (version != 1) {
        throw new IOException("state of the gate has unknown format " + version);
      }
      return new Life(source.readLong(), read(source), read(source), read(source));
    }

    /** Topics by name: their order in the enum may change. */
    private static void write(Map<Part, Long> offsets, DataOutputView target) throws IOException {
      target.writeInt(offsets.size());
      for (Map.Entry<Part, Long> offset : offsets.entrySet()) {
        target.writeUTF(offset.getKey().name());
        target.writeInt(offset.getKey().partition());
        target.writeLong(offset.getValue());
      }
    }

    private static Map<Part, Long> read(DataInputView source) throws IOException {
      Map<Part, Long> offsets = new HashMap<>();
      for (int left = source.readInt(); left > 0; left--) {
        Part part = Part.of(source.readUTF(), source.readInt());
        offsets.put(part, source.readLong());
      }
      return offsets;
    }
  }
}
