package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Inputs between operators that are not chained: the raw record, decoded again on arrival. Jobs
 * chain what takes inputs to the source and send only what they made of them over the network.
 */
public final class InputSerializer extends BinarySerializer<Input> {
  private static final long serialVersionUID = 1L;
  private static final Map<String, TopicCodec> CODECS = new ConcurrentHashMap<>();
  private static final Topic[] TOPICS = Topic.values();

  @Override
  public void write(Input input, BinaryWriter out) {
    out.writeByte(input.topic().ordinal());
    out.writeUnsigned(input.partition());
    out.writeUnsigned(input.offset());
    out.writeSigned(input.appendTime());
    out.writeBoolean(input.late());
    out.writeText(input.ids().country());
    writeBytes(input.key(), out);
    writeBytes(input.value(), out);
  }

  @Override
  public Input read(BinaryReader in) throws BinaryException {
    Topic topic = in.readConstant(TOPICS);
    int partition = in.readUnsignedInt();
    long offset = in.readUnsigned();
    long appendTime = in.readSigned();
    boolean late = in.readBoolean();
    TopicCodec codec =
        CODECS.computeIfAbsent(in.readText(), country -> new TopicCodec(new RecipientIds(country)));
    byte[] key = in.readBoolean() ? in.readBlock() : null;
    byte[] value = in.readBoolean() ? in.readBlock() : null;
    Input input = Input.decode(codec, topic, partition, offset, appendTime, key, value);
    if (late) {
      input.markLate();
    }
    return input;
  }

  private static void writeBytes(byte[] bytes, BinaryWriter out) {
    out.writeBoolean(bytes != null);
    if (bytes != null) {
      out.writeBlock(bytes);
    }
  }
}
