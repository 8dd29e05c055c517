package io.heed.flink.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.listhealth.Watched;
import io.heed.flink.streaming.BinarySerializer;

/**
 * What alerts watch, in state: the bytes name their own format. An object and not its bytes lies on
 * the heap, for in a back-fill a series has some thousand buckets, which would be read and written
 * for every count.
 */
public final class WatchedSerializer extends BinarySerializer<Watched> {
  private static final long serialVersionUID = 1L;

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public Watched copy(Watched from) {
    return from.copy();
  }

  @Override
  public void write(Watched watched, BinaryWriter out) {
    watched.write(out);
  }

  @Override
  public Watched read(BinaryReader in) throws BinaryException {
    return Watched.read(in);
  }
}
