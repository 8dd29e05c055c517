package io.heed.core.signals;

import io.heed.core.optimizer.ValueModel;

/** The value models of lists, by the instant from which each version holds. */
public interface ListModels {
  /**
   * The model that decides on a list at an instant; null without one, or while it is not ready or
   * too old to decide.
   */
  ValueModel at(String list, long instant);

  /** The first instant after another at which another version may hold. */
  long changeAfter(long instant);
}
