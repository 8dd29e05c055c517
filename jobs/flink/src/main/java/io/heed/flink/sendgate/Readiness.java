package io.heed.flink.sendgate;

import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/**
 * How complete one partition's recipients are at one subtask of the gate.
 *
 * @param subtask number of the subtask
 * @param subtasks how many there are
 * @param partition number of the partition
 * @param stateTime instant up to which everything is known, epoch milliseconds
 * @param instance of the running gate
 * @param started when it started, as it has claimed, epoch milliseconds
 * @param ready whether verdicts may rely on it
 */
record Readiness(
    int subtask,
    int subtasks,
    int partition,
    long stateTime,
    String instance,
    long started,
    boolean ready) {
  static final CompactTypeInfo<Readiness> TYPE =
      new CompactTypeInfo<>(Readiness.class, new Serializer());

  /** Between operators only. */
  public static final class Serializer extends CompactSerializer<Readiness> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(Readiness readiness, DataOutputView target) throws IOException {
      target.writeInt(readiness.subtask());
      target.writeInt(readiness.subtasks());
      target.writeInt(readiness.partition());
      target.writeLong(readiness.stateTime());
      StringValue.writeString(readiness.instance(), target);
      target.writeLong(readiness.started());
      target.writeBoolean(readiness.ready());
    }

    @Override
    public Readiness deserialize(DataInputView source) throws IOException {
      return new Readiness(
          source.readInt(),
          source.readInt(),
          source.readInt(),
          source.readLong(),
          StringValue.readString(source),
          source.readLong(),
          source.readBoolean());
    }
  }
}
