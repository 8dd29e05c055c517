package io.heed.core.gate;

import io.heed.core.model.Assignment;
import io.heed.core.model.Decision;

/** Takes what the gate publishes. */
public interface Outbox {
  void write(Decision decision);

  /** A recipient was drawn into a hold-out. */
  void assign(Assignment assignment);

  /** Event time at which {@code Gate.onTimer} wants to be called for the recipient. */
  void registerTimer(long eventTime);
}
