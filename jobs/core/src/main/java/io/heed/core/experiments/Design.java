package io.heed.core.experiments;

import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.SpendingFunction;
import java.time.Instant;

/** How an experiment collects and decides. */
public sealed interface Design {
  /** As it stands in files. */
  String fileName();

  /** Looked at all the time, until it is decided or its horizon is reached. */
  record OpenEnded() implements Design {
    @Override
    public String fileName() {
      return "open-ended";
    }
  }

  /**
   * A list of known size: a few looks, and the rest of the list waits for the result.
   *
   * @param size recipients of the whole list
   * @param looks how often it is looked at
   * @param spending how the error is spent over the looks
   * @param testShare share of the list that takes part in the test
   * @param waitUntil the rest waits for the winner until then; null: until the test is final
   */
  record PlannedList(long size, int looks, Spending spending, double testShare, Instant waitUntil)
      implements Design {
    @Override
    public String fileName() {
      return "planned-list";
    }

    /** Recipients that the test plans with. */
    public double plannedRecipients() {
      return size * testShare;
    }

    /** The fractions of information at which it is looked at. */
    public double[] plannedFractions() {
      return GroupSequentialTest.equallySpaced(looks);
    }
  }

  /**
   * Sends more to what does better, to explore many variants cheaply.
   *
   * @param everyMillis how often the shares change
   * @param floor the least share of a variant
   */
  record Bandit(long everyMillis, double floor) implements Design {
    @Override
    public String fileName() {
      return "bandit";
    }
  }

  /** How a planned list spends its error. */
  enum Spending {
    /** Stops sooner when the effect is large, or there is none. */
    QUADRATIC,
    /** Hardly ever stops early. */
    OBRIEN_FLEMING;

    /** The function. */
    public SpendingFunction function() {
      return this == QUADRATIC ? SpendingFunction.QUADRATIC : SpendingFunction.OBRIEN_FLEMING;
    }
  }
}
