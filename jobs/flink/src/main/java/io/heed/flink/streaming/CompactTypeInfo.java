package io.heed.flink.streaming;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * A type with a {@link BinarySerializer}.
 *
 * @param <T> the type
 */
public final class CompactTypeInfo<T> extends TypeInformation<T> {
  private static final long serialVersionUID = 1L;

  /** Events of every kind. */
  public static final CompactTypeInfo<io.heed.core.model.Event> EVENT =
      ofRecords(io.heed.core.model.Event.class);

  /** Records as they come from Kafka. */
  public static final CompactTypeInfo<Input> INPUT =
      new CompactTypeInfo<>(Input.class, new InputSerializer());

  private final Class<T> type;
  private final BinarySerializer<T> serializer;

  public CompactTypeInfo(Class<T> type, BinarySerializer<T> serializer) {
    this.type = type;
    this.serializer = serializer;
  }

  /** Of records that only travel between operators. */
  public static <T> CompactTypeInfo<T> ofRecords(Class<T> type) {
    return new CompactTypeInfo<>(type, new RecordSerializer<>(type));
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public Class<T> getTypeClass() {
    return type;
  }

  @Override
  public boolean isKeyType() {
    // Keys compare by equals and hashCode, which the type must define by content.
    return true;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return serializer;
  }

  @Override
  public String toString() {
    return "Compact<" + type.getSimpleName() + ">";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CompactTypeInfo<?> info
        && info.type == type
        && info.serializer.equals(serializer);
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CompactTypeInfo;
  }
}
