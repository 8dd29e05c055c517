package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A serializer in the project's one binary form: the number of bytes, then what {@link #write}
 * wrote. A value that is read never reads into the next one.
 *
 * @param <T> the type
 */
public abstract class BinarySerializer<T> extends CompactSerializer<T> {
  private static final long serialVersionUID = 1L;

  /** Writes a value. */
  public abstract void write(T value, BinaryWriter out) throws IOException;

  /** Reads what {@link #write} wrote. */
  public abstract T read(BinaryReader in) throws IOException;

  @Override
  public final void serialize(T value, DataOutputView target) throws IOException {
    BinaryWriter out = new BinaryWriter();
    write(value, out);
    target.writeInt(out.length());
    target.write(out.buffer(), 0, out.length());
  }

  @Override
  public final T deserialize(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length < 0) {
      throw new BinaryException("a value of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    source.readFully(bytes);
    BinaryReader in = new BinaryReader(bytes);
    T value = read(in);
    in.expectEnd();
    return value;
  }
}
