package io.heed.flink.sendgate;

import io.heed.core.model.Heartbeat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Heartbeats in memory, which several gates may share. */
final class TestingHeartbeatLog implements HeartbeatLog {
  private final List<Beat> beats;
  private final AtomicLong clock;
  private int position;

  /** Of a gate alone. */
  TestingHeartbeatLog() {
    this(new CopyOnWriteArrayList<>(), new AtomicLong());
  }

  /**
   * @param beats what the topic holds
   * @param clock of the broker, epoch milliseconds
   */
  TestingHeartbeatLog(List<Beat> beats, AtomicLong clock) {
    this.beats = beats;
    this.clock = clock;
  }

  @Override
  public long append(Heartbeat heartbeat) {
    beats.add(new Beat(heartbeat, clock.get()));
    return clock.get();
  }

  @Override
  public void next(Consumer<Beat> each) {
    while (position < beats.size()) {
      each.accept(beats.get(position++));
    }
  }

  @Override
  public void close() {}
}
