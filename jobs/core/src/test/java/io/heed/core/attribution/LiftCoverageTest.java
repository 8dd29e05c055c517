package io.heed.core.attribution;

import static io.heed.core.attribution.Facts.DAY;
import static io.heed.core.attribution.Facts.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.IncrementalLiftRow;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A known truth: the intervals must cover it as often as they say, though looked at every day. */
class LiftCoverageTest {
  private static final int RUNS = 200;
  private static final int RECIPIENTS = 1_200;
  private static final int DAYS = 6;
  private static final double HOLDOUT_SHARE = 0.3;
  private static final double HOLDOUT_RATE = 0.15;
  private static final double SENT_RATE = 0.20;
  private static final double REFUND_RATE = 0.1;
  private static final long MEAN_ORDER_MICROS = 40_000_000;

  private static final double TRUE_PURCHASES = SENT_RATE - HOLDOUT_RATE;
  private static final double TRUE_REVENUE = TRUE_PURCHASES * (1 - REFUND_RATE) * MEAN_ORDER_MICROS;

  @Test
  void intervalsCoverTheTruthWhileLastTouchCreditsMoreThanIsIncremental() {
    List<List<IncrementalLiftRow>> runs =
        LongStream.range(0, RUNS).mapToObj(LiftCoverageTest::run).toList();
    assertThat(covering(runs, LiftMetric.PURCHASE, TRUE_PURCHASES)).isGreaterThanOrEqualTo(181);
    assertThat(covering(runs, LiftMetric.REVENUE, TRUE_REVENUE)).isGreaterThanOrEqualTo(181);
    assertThat(covering(runs, LiftMetric.PURCHASE, TRUE_PURCHASES + 0.15)).isLessThan(RUNS / 4);
    assertThat(
            runs.stream()
                .map(rows -> last(rows, LiftMetric.PURCHASE))
                .mapToDouble(IncrementalLiftRow::creditedMean)
                .average()
                .orElseThrow())
        .isGreaterThan(2 * TRUE_PURCHASES);
  }

  private static long covering(
      List<List<IncrementalLiftRow>> runs, LiftMetric metric, double truth) {
    return runs.stream()
        .map(rows -> last(rows, metric))
        .filter(row -> row.effectLower() <= truth && truth <= row.effectUpper())
        .count();
  }

  private static IncrementalLiftRow last(List<IncrementalLiftRow> rows, LiftMetric metric) {
    return rows.stream()
        .filter(row -> row.metric().equals(metric.text()))
        .max(Comparator.comparingLong(IncrementalLiftRow::evaluatedAt))
        .orElseThrow();
  }

  private static List<IncrementalLiftRow> run(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TestingJob job = new TestingJob();
    for (int i = 0; i < RECIPIENTS; i++) {
      String r = "r" + i;
      long at = random.nextLong(DAYS * DAY);
      boolean holdout = random.nextDouble() < HOLDOUT_SHARE;
      if (holdout) {
        job.process(Facts.assignment(at, r, "x", "none"));
      } else {
        job.process(Facts.send(at, r, "m" + i, "c", "x", "a"));
        job.process(Facts.click(at + 60_000, r, "m" + i));
      }
      if (random.nextDouble() < (holdout ? HOLDOUT_RATE : SENT_RATE)) {
        long boughtAt = at + 120_000 + random.nextLong(4 * DAY);
        long micros = random.nextLong(2 * MEAN_ORDER_MICROS);
        job.process(Facts.purchase(boughtAt, r, "p" + i, micros));
        if (random.nextDouble() < REFUND_RATE) {
          job.process(Facts.refund(boughtAt + DAY, r, "b" + i, micros, "p" + i));
        }
      }
    }
    for (int day = 0; day <= DAYS + 8; day++) {
      job.advance(START + day * DAY);
    }
    return job.lift;
  }
}
