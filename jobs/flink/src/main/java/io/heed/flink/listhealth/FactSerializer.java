package io.heed.flink.listhealth;

import io.heed.core.listhealth.Fact;
import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** Facts on their way to their recipient; never kept in state. */
public final class FactSerializer extends CompactSerializer<Fact> {
  private static final long serialVersionUID = 1L;
  private static final Fact.Kind[] KINDS = Fact.Kind.values();

  @Override
  public void serialize(Fact fact, DataOutputView target) throws IOException {
    target.writeByte(fact.kind().ordinal());
    target.writeLong(fact.recipient());
    target.writeLong(fact.time());
    target.writeLong(fact.message());
    switch (fact.kind()) {
      case SEND -> {
        StringValue.writeString(fact.list(), target);
        StringValue.writeString(fact.campaign(), target);
        StringValue.writeString(fact.carrier(), target);
        target.writeLong(fact.costMicros());
      }
      case RECEIPT -> {
        StringValue.writeString(fact.carrier(), target);
        target.writeInt(fact.detail());
      }
      default -> {
        target.writeLong(fact.id());
        StringValue.writeString(fact.list(), target);
        target.writeInt(fact.detail());
      }
    }
  }

  @Override
  public Fact deserialize(DataInputView source) throws IOException {
    Fact.Kind kind = KINDS[source.readByte()];
    long recipient = source.readLong();
    long time = source.readLong();
    long message = source.readLong();
    return switch (kind) {
      case SEND ->
          new Fact(
              kind,
              recipient,
              0,
              time,
              message,
              StringValue.readString(source),
              StringValue.readString(source),
              StringValue.readString(source),
              source.readLong(),
              0);
      case RECEIPT ->
          new Fact(
              kind,
              recipient,
              0,
              time,
              message,
              "",
              "",
              StringValue.readString(source),
              0,
              source.readInt());
      default ->
          new Fact(
              kind,
              recipient,
              source.readLong(),
              time,
              message,
              StringValue.readString(source),
              "",
              "",
              0,
              source.readInt());
    };
  }
}
