package io.heed.flink.listhealth;

import io.heed.core.listhealth.Watched;
import io.heed.flink.streaming.CompactSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What alerts watch, in state: length, then the bytes that tell their own format. An object and not
 * its bytes lies on the heap, for in a back-fill a series has some thousand buckets, which would be
 * read and written for every count.
 */
public final class WatchedSerializer extends CompactSerializer<Watched> {
  private static final long serialVersionUID = 1L;

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public Watched copy(Watched from) {
    return Watched.of(from.toBytes());
  }

  @Override
  public void serialize(Watched watched, DataOutputView target) throws IOException {
    byte[] bytes = watched.toBytes();
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  public Watched deserialize(DataInputView source) throws IOException {
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    return Watched.of(bytes);
  }
}
