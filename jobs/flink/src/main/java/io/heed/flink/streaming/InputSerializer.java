package io.heed.flink.streaming;

import io.heed.core.model.RecipientIds;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/**
 * Inputs between operators that are not chained: the raw record, decoded again on arrival. Jobs
 * chain what takes inputs to the source and send only what they made of them over the network.
 */
public final class InputSerializer extends CompactSerializer<Input> {
  private static final long serialVersionUID = 1L;
  private static final Map<String, TopicCodec> CODECS = new ConcurrentHashMap<>();
  private static final Topic[] TOPICS = Topic.values();

  @Override
  public void serialize(Input input, DataOutputView target) throws IOException {
    target.writeByte(input.topic().ordinal());
    target.writeInt(input.partition());
    target.writeLong(input.offset());
    target.writeLong(input.appendTime());
    target.writeBoolean(input.late());
    StringValue.writeString(input.ids().country(), target);
    writeBytes(input.key(), target);
    writeBytes(input.value(), target);
  }

  @Override
  public Input deserialize(DataInputView source) throws IOException {
    Topic topic = TOPICS[source.readByte()];
    int partition = source.readInt();
    long offset = source.readLong();
    long appendTime = source.readLong();
    boolean late = source.readBoolean();
    TopicCodec codec =
        CODECS.computeIfAbsent(
            StringValue.readString(source), country -> new TopicCodec(new RecipientIds(country)));
    byte[] key = readBytes(source);
    byte[] value = readBytes(source);
    Input input = Input.decode(codec, topic, partition, offset, appendTime, key, value);
    if (late) {
      input.markLate();
    }
    return input;
  }

  private static void writeBytes(byte[] bytes, DataOutputView target) throws IOException {
    target.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      target.write(bytes);
    }
  }

  private static byte[] readBytes(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    source.readFully(bytes);
    return bytes;
  }
}
