package io.heed.flink.sendgate;

import io.heed.core.model.Heartbeat;
import java.util.function.Consumer;

/**
 * The heartbeats of partition 0, which every running gate writes: all of them lie in one partition
 * of the topic, so that Kafka gives them one order.
 */
interface HeartbeatLog extends AutoCloseable {
  /** The partition whose heartbeats these are. */
  int PARTITION = 0;

  /**
   * A heartbeat and when the broker appended it, by the broker's clock, epoch milliseconds.
   *
   * @param heartbeat as written
   * @param appendTime epoch milliseconds
   */
  record Beat(Heartbeat heartbeat, long appendTime) {}

  /**
   * Appends a heartbeat, and returns when Kafka has it.
   *
   * @return when the broker appended it, epoch milliseconds
   */
  long append(Heartbeat heartbeat);

  /**
   * Hands out what was appended since the last call, up to the end at this call; at the first call
   * the newest ones.
   *
   * @throws RuntimeException if the end is not reached within a few seconds
   */
  void next(Consumer<Beat> each);

  @Override
  void close();
}
