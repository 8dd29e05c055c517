package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
  public static final class Serializer extends BinarySerializer<Output> {
    private static final long serialVersionUID = 1L;
    private static final Topic[] TOPICS = Topic.values();

    @Override
    public void write(Output output, BinaryWriter out) {
      out.writeByte(output.topic.ordinal());
      out.writeNullableText(output.key);
      out.writeNullableText(output.partitionBy);
      out.writeBlock(output.value);
    }

    @Override
    public Output read(BinaryReader in) throws BinaryException {
      return new Output(
          in.readConstant(TOPICS), in.readNullableText(), in.readNullableText(), in.readBlock());
    }
  }
}
