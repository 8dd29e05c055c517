package io.heed.core.outcomes;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import org.junit.jupiter.api.Test;

/** {@code opt_outs: at_most_control} in the model of a list. */
class OptOutPriceTest {
  private static DayCounts counts(int optimisedLeft, int controlLeft) {
    DayCounts counts = new DayCounts();
    for (int i = 0; i < 40; i++) {
      counts.outcomes().lift().addClick();
      counts.outcomes().lift().addCredit(20_000_000);
    }
    for (int i = 0; i < 1_000; i++) {
      counts.arms().enter(i % 2 == 0);
    }
    for (int i = 0; i < optimisedLeft; i++) {
      counts.arms().leave(true);
    }
    for (int i = 0; i < controlLeft; i++) {
      counts.arms().leave(false);
    }
    return counts;
  }

  @Test
  void anOptOutHasAPriceWhileTheOptimisedLeaveMoreOften() throws BinaryException {
    ListLedger ledger = new ListLedger();
    ledger.close(100, counts(60, 20), 0.3, true);
    // A step is a share of the value of a subscriber, of which nothing was known before.
    assertThat(ledger.model().optOutPriceMicros()).isZero();
    ledger.close(101, null, 0.3, true);
    double first = ledger.model().optOutPriceMicros();
    assertThat(first).isPositive();
    ledger.close(102, null, 0.3, true);
    double second = ledger.model().optOutPriceMicros();
    assertThat(second).isGreaterThan(first);
    // It goes on from what is stored, and comes down when the control leaves more often.
    ledger = ListLedger.read(ledger.write());
    ledger.close(103, counts(0, 100), 0.3, true);
    assertThat(ledger.model().optOutPriceMicros()).isLessThan(second);
    ledger.close(104, null, 0.3, false);
    assertThat(ledger.model().optOutPriceMicros()).isZero();
  }

  @Test
  void withoutMoreOptOutsThereIsNone() {
    ListLedger ledger = new ListLedger();
    ledger.close(100, counts(10, 20), 0.3, true);
    assertThat(ledger.model().optOutPriceMicros()).isZero();
    ledger.close(101, counts(0, 0), 0.3, true);
    assertThat(ledger.model().optOutPriceMicros()).isZero();
  }
}
