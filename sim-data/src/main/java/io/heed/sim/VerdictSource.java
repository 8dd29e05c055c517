package io.heed.sim;

import io.heed.core.model.Decision;
import java.util.List;

/** Where the simulated sending system hears what it may do. */
@FunctionalInterface
public interface VerdictSource {
  /** What was decided since the last call, in order per recipient; does not wait. */
  List<Decision> poll();
}
