package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.codec.RecordForm;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * Records on their way from one operator to the next, in a {@link RecordForm}. Not for state, since
 * that knows no versions.
 *
 * @param <T> a record, or a sealed interface of records
 */
public final class RecordSerializer<T> extends BinarySerializer<T> {
  private static final long serialVersionUID = 1L;

  private final Class<T> type;
  private transient volatile RecordForm<T> form;

  public RecordSerializer(Class<T> type) {
    this.type = type;
  }

  @Override
  public void write(T value, BinaryWriter out) {
    form().write(value, out);
  }

  @Override
  public T read(BinaryReader in) throws BinaryException {
    return form().read(in);
  }

  private RecordForm<T> form() {
    RecordForm<T> known = form;
    if (known == null) {
      known = new RecordForm<>(type);
      form = known;
    }
    return known;
  }

  /** Refused. */
  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    throw new UnsupportedOperationException(type.getSimpleName() + " has no form for state");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordSerializer<?> serializer && serializer.type == type;
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }
}
