package io.heed.flink.streaming;

import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** A record on its way to Kafka. */
public final class Output {
  /** The type of outputs. */
  public static final CompactTypeInfo<Output> TYPE =
      new CompactTypeInfo<>(Output.class, new Serializer());

  private static final Map<Class<?>, JsonCodec<?>> CODECS = new ConcurrentHashMap<>();

  private final Topic topic;
  private final String key;
  private final String partitionBy;
  private final byte[] value;

  private Output(Topic topic, String key, String partitionBy, byte[] value) {
    this.topic = topic;
    this.key = key;
    this.partitionBy = partitionBy;
    this.value = value;
  }

  /** A record that lies in its key's partition. */
  public static Output of(Topic topic, String key, Object record) {
    return new Output(topic, key, key, json(record));
  }

  /** A record about a recipient: it lies in the recipient's partition, whatever its key. */
  public static Output about(String recipientId, Topic topic, String key, Object record) {
    return new Output(topic, key, recipientId, json(record));
  }

  public Topic topic() {
    return topic;
  }

  public String key() {
    return key;
  }

  /** The text whose partition the record takes. */
  public String partitionBy() {
    return partitionBy;
  }

  /** The record as JSON. */
  public byte[] value() {
    return value;
  }

  @SuppressWarnings("unchecked")
  private static byte[] json(Object record) {
    return ((JsonCodec<Object>) CODECS.computeIfAbsent(record.getClass(), JsonCodec::of))
        .write(record);
  }

  /** Between operators that are not chained. */
  public static final class Serializer extends CompactSerializer<Output> {
    private static final long serialVersionUID = 1L;
    private static final Topic[] TOPICS = Topic.values();

    @Override
    public void serialize(Output output, DataOutputView target) throws IOException {
      target.writeByte(output.topic.ordinal());
      StringValue.writeString(output.key, target);
      StringValue.writeString(output.partitionBy, target);
      target.writeInt(output.value.length);
      target.write(output.value);
    }

    @Override
    public Output deserialize(DataInputView source) throws IOException {
      Topic topic = TOPICS[source.readByte()];
      String key = StringValue.readString(source);
      String partitionBy = StringValue.readString(source);
      byte[] value = new byte[source.readInt()];
      source.readFully(value);
      return new Output(topic, key, partitionBy, value);
    }
  }
}
