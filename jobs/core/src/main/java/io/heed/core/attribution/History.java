package io.heed.core.attribution;

import java.util.ArrayList;
import java.util.List;

/**
 * What is remembered of one recipient: the whole state of attribution, which every row follows
 * from. A working copy; {@link HistoryCodec} gives and takes its compact form.
 */
public final class History {
  /** No timer. */
  public static final long NONE = Long.MAX_VALUE;

  final List<Touchpoint> touchpoints = new ArrayList<>();
  final List<Converted> conversions = new ArrayList<>();
  final List<Exposure> exposures = new ArrayList<>();

  /** Version of the rows written last. */
  long seq;

  /** The last day whose paths and units were handed on; 0 before the first. */
  int closedDay;

  /** Touches and conversions that had to go before their time, or found no place in a path. */
  long folded;

  private long timer = NONE;

  /** When the timer of this recipient is due, or {@link #NONE}. */
  public long timer() {
    return timer;
  }

  void timer(long instant) {
    timer = instant;
  }

  /** Touches and conversions that had to go before their time, or found no place in a path. */
  public long folded() {
    return folded;
  }

  /** Whether nothing is remembered any more. */
  public boolean isEmpty() {
    return touchpoints.isEmpty() && conversions.isEmpty() && exposures.isEmpty();
  }

  Touchpoint touchpoint(boolean message, long id) {
    // The newest are asked for most often.
    for (int i = touchpoints.size() - 1; i >= 0; i--) {
      Touchpoint touchpoint = touchpoints.get(i);
      if (touchpoint.id == id && touchpoint.message == message) {
        return touchpoint;
      }
    }
    return null;
  }

  Touchpoint orAdd(boolean message, long id) {
    Touchpoint known = touchpoint(message, id);
    if (known == null) {
      known = new Touchpoint(message, id);
      touchpoints.add(known);
    }
    return known;
  }

  long newestConversion() {
    long newest = Long.MIN_VALUE;
    for (Converted conversion : conversions) {
      newest = Math.max(newest, conversion.time());
    }
    return newest;
  }
}
