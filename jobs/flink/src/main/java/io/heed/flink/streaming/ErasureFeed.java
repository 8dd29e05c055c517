package io.heed.flink.streaming;

import io.heed.core.model.Erasure;
import java.util.List;

/** Gives the erasures as they come. One thread at a time may use it. */
public interface ErasureFeed extends AutoCloseable {
  /** The records since the last call, oldest first; at first all of them. */
  List<Erasure> news();

  @Override
  void close();
}
