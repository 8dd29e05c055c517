package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A serializer in the project's one binary form: the number of bytes, then what {@link #write}
 * wrote. A value that is read never reads into the next one, and broken bytes are a {@link
 * BinaryException}. Subclasses for state are stateless, public and have a public constructor
 * without arguments; what is kept in state carries its format's version in its own bytes, so that
 * any older form can be read.
 *
 * @param <T> the type; immutable unless {@link #copy(Object)} is overridden
 */
public abstract class BinarySerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1L;

  /** Writes a value. */
  public abstract void write(T value, BinaryWriter out);

  /** Reads what {@link #write} wrote. */
  public abstract T read(BinaryReader in) throws BinaryException;

  @Override
  public final void serialize(T value, DataOutputView target) throws IOException {
    BinaryWriter out = new BinaryWriter();
    write(value, out);
    target.writeInt(out.length());
    target.write(out.buffer(), 0, out.length());
  }

  @Override
  public final T deserialize(DataInputView source) throws IOException {
    return BinaryReader.whole(new BinaryReader(bytes(source)), this::read);
  }

  private static byte[] bytes(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length < 0) {
      throw new BinaryException("a value of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    source.readFully(bytes);
    return bytes;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    byte[] bytes = bytes(source);
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  @SuppressWarnings("EqualsGetClass") // one class, one format: a subclass would be another
  public boolean equals(Object other) {
    return other != null && other.getClass() == getClass();
  }

  @Override
  public int hashCode() {
    return getClass().hashCode();
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new Snapshot<>(this);
  }

  /**
   * Keeps the serializer's class: the bytes themselves name their version.
   *
   * @param <T> the type
   */
  public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {
    private BinarySerializer<T> serializer;

    /** For restoring. */
    public Snapshot() {}

    Snapshot(BinarySerializer<T> serializer) {
      this.serializer = serializer;
    }

    @Override
    public int getCurrentVersion() {
      return 1;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      byte[] name = serializer.getClass().getName().getBytes(StandardCharsets.UTF_8);
      out.writeInt(name.length);
      out.write(name);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
        throws IOException {
      String name = new String(bytes(in), StandardCharsets.UTF_8);
      try {
        serializer =
            Class.forName(name, true, classLoader)
                .asSubclass(BinarySerializer.class)
                .getDeclaredConstructor()
                .newInstance();
      } catch (ReflectiveOperationException e) {
        throw new IOException("state was written by " + name + ", which is not here", e);
      }
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
      return serializer;
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
        TypeSerializerSnapshot<T> old) {
      return old instanceof Snapshot<T> snapshot && snapshot.serializer.equals(serializer)
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
