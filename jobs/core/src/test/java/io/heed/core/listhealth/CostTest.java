package io.heed.core.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.model.Category;
import io.heed.core.model.Field;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Send;
import io.heed.core.model.SendCohortRow;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CostTest {
  private static final long T = 1_750_000_000_000L;

  @Property(tries = 200)
  void noSumOfLargestAmountsWraps(@ForAll long seed) {
    Random random = new Random(seed);
    long[] counts = new long[2];
    BigInteger exact = BigInteger.ZERO;
    List<Long> amounts = new ArrayList<>();
    for (int i = random.nextInt(30_000); i > 0; i--) {
      boolean takenBack = !amounts.isEmpty() && random.nextInt(4) == 0;
      long amount =
          takenBack
              ? amounts.remove(amounts.size() - 1)
              : Field.MICROS - (random.nextBoolean() ? 0 : random.nextInt(2_000_000));
      Cost.add(counts, 0, takenBack ? -1 : 1, amount);
      exact = exact.add(BigInteger.valueOf(takenBack ? -amount : amount));
      if (!takenBack) {
        amounts.add(amount);
      }
    }
    BigInteger largest = BigInteger.valueOf(Long.MAX_VALUE);
    long sum = Cost.micros(counts, 0);
    if (exact.compareTo(largest.subtract(BigInteger.valueOf(2_000_000))) < 0) {
      assertThat(sum).isEqualTo(exact.longValueExact());
    } else {
      assertThat(sum).isEqualTo(Long.MAX_VALUE);
    }
  }

  @Test
  void rowsHaveTheExactSumOfLargestCosts() throws BinaryException {
    RecipientFacts facts = new RecipientFacts();
    facts.load(null);
    RowDeltas deltas = new RowDeltas();
    FactReader reader = new FactReader();
    for (int i = 0; i < 100; i++) {
      Send send =
          new Send(
              "e" + i,
              T,
              "r",
              "m" + i,
              "c",
              "l",
              Category.PROMOTIONAL,
              null,
              null,
              null,
              null,
              null,
              null,
              1,
              Field.MICROS,
              null,
              null);
      new FactCounter(facts).add(reader.read(send), deltas);
    }
    List<Long> costs = new ArrayList<>();
    deltas.drain(
        hour ->
            hour.forEach(
                (key, counts) -> {
                  ResultRow row = ResultRows.of(key, counts, 1, false);
                  if (row instanceof ListHealthRow listHealth) {
                    costs.add(listHealth.costMicros());
                  } else if (row instanceof SendCohortRow cohort) {
                    costs.add(cohort.costMicros());
                  }
                }),
        watched -> {});
    assertThat(costs).hasSizeGreaterThan(3).containsOnly(100 * Field.MICROS);
  }
}
