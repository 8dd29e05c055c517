package io.heed.flink.sendgate;

import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A recipient's state as the gate's own bytes, which tell their version; never changed in place.
 */
final class StoredState {
  static final CompactTypeInfo<byte[]> TYPE = new CompactTypeInfo<>(byte[].class, new Serializer());

  private StoredState() {}

  /** Length, then the bytes. */
  public static final class Serializer extends CompactSerializer<byte[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(byte[] bytes, DataOutputView target) throws IOException {
      target.writeShort(Math.min(bytes.length, 0xffff));
      if (bytes.length >= 0xffff) {
        target.writeInt(bytes.length);
      }
      target.write(bytes);
    }

    @Override
    public byte[] deserialize(DataInputView source) throws IOException {
      int length = source.readUnsignedShort();
      byte[] bytes = new byte[length == 0xffff ? source.readInt() : length];
      source.readFully(bytes);
      return bytes;
    }
  }
}
