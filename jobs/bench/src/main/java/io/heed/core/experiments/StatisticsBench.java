package io.heed.core.experiments;

import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanSequence;
import io.heed.core.statistics.Planner;
import io.heed.core.statistics.RatioMixture;
import io.heed.core.statistics.RatioMixture.Alternative;
import io.heed.core.statistics.RatioScore;
import io.heed.core.statistics.SampleRatioTest;
import io.heed.core.statistics.SpendingFunction;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Simulates what experiments promise: errors under looks at every block, and how many recipients a
 * decision takes. The peers' figures come from published implementations, simulated with 4,000
 * replications under the same settings (two rates, minimum effect as stated, power 0.8).
 */
public final class StatisticsBench {
  private static final double ALPHA = 0.05;
  private static final double THRESHOLD = -Math.log(ALPHA);
  private static final double GROWTH = 0.02;
  private static final long FIRST_UNITS = 50;

  /** Power and mean recipients over the fixed size of the safe 2x2 test, 3 % against 3.6 %. */
  private static final double[][] SAFE_2X2 = {
    {0.26, 0.87}, {0.347, 1.045}, {0.447, 1.195}, {0.623, 1.427}, {0.869, 1.667}
  };

  /** Mean recipients of the asymptotic sequence behind a gate of 150 events, 0.5 % against 1 %. */
  private static final double GATED_OPT_OUTS = 0.662 * 31_192;

  private final int replications;
  private final SplittableRandom random;
  private final Consumer<Finding> out;

  /**
   * Something that was measured.
   *
   * @param what it is
   * @param value as measured
   * @param standardError of the value; 0 where it is not known
   * @param least the least value that meets the goal
   * @param most the largest value that meets the goal
   */
  public record Finding(
      String what, double value, double standardError, double least, double most) {
    /** A share of runs. */
    static Finding share(String what, long hits, long of, double least, double most) {
      double share = (double) hits / of;
      double error = Math.sqrt(Math.max(share * (1 - share), 1.0 / of) / of);
      return new Finding(what, share, error, least, most);
    }

    /** Whether the goal is met, within two standard errors. */
    public boolean met() {
      return value - 2 * standardError <= most && value + 2 * standardError >= least;
    }

    @Override
    public String toString() {
      return "%-4s %-75s %8.3f ± %.3f   goal %s"
          .formatted(met() ? "ok" : "MISS", what, value, standardError, goal());
    }

    private String goal() {
      return least == Double.NEGATIVE_INFINITY
          ? "at most %.3f".formatted(most)
          : most == Double.POSITIVE_INFINITY
              ? "at least %.3f".formatted(least)
              : "%.3f to %.3f".formatted(least, most);
    }
  }

  private StatisticsBench(int replications, long seed, Consumer<Finding> out) {
    this.replications = replications;
    this.random = new SplittableRandom(seed);
    this.out = out;
  }

  /**
   * Runs every simulation.
   *
   * @param replications per cell; the expensive cells take a tenth
   * @param seed of the randomness
   * @param out takes each finding as soon as it is there
   * @return whether every goal is met
   */
  public static boolean run(int replications, long seed, Consumer<Finding> out) {
    List<Finding> findings = new ArrayList<>();
    StatisticsBench bench =
        new StatisticsBench(
            replications,
            seed,
            finding -> {
              findings.add(finding);
              out.accept(finding);
            });
    bench.errorsOfRates();
    bench.errorsOfRevenue();
    bench.errorsOfAdjustedRates();
    bench.power();
    bench.openEnded();
    bench.plannedList();
    bench.guardrail();
    bench.sampleRatio();
    return findings.stream().allMatch(Finding::met);
  }

  private void share(String what, long hits, long of, double most) {
    out.accept(Finding.share(what, hits, of, Double.NEGATIVE_INFINITY, most));
  }

  /** Looks at every block, at the rates that the file expects and at rates four times off. */
  private void errorsOfRates() {
    for (double[] cell : new double[][] {{0.003, 0.5}, {0.02, 0.2}, {0.12, 1.0 / 6}, {0.3, 0.1}}) {
      for (double shareB : new double[] {0.5, 0.1}) {
        for (double wrong : new double[] {1, 0.25, 4}) {
          double rate = cell[0];
          double expected = rate * wrong;
          if (expected < 0.6) {
            errorOfRate(rate, expected, cell[1], shareB);
          }
        }
      }
    }
  }

  private void errorOfRate(double rate, double expected, double effect, double shareB) {
    Planner planner = Planner.withDefaults().withTreatmentRatio(shareB / (1 - shareB));
    long most =
        Math.round(Planner.HORIZON * planner.proportions(rate, rate * (1 + effect)).total());
    RatioMixture mixture = RatioMixture.of(shareB, effect, expected);
    long winners = 0;
    for (int i = 0; i < replications; i++) {
      winners += recipientsToReject(mixture, shareB, rate, rate, most) <= most ? 1 : 0;
    }
    share(
        "false winners, rate %.1f %%, expected %.2f %%, split %.0f/%.0f, every block"
            .formatted(100 * rate, 100 * expected, 100 * (1 - shareB), 100 * shareB),
        winners,
        replications,
        ALPHA);
  }

  /**
   * Looks at the end of every block.
   *
   * @return recipients at the rejection, {@code most + 1} if there was none
   */
  private long recipientsToReject(
      RatioMixture mixture, double shareB, double rateA, double rateB, long most) {
    RatioMixture.Accumulator process = new RatioMixture.Accumulator(mixture.atBoundary());
    List<Stratum<BinaryCounts>> blocks = new ArrayList<>();
    long[] recipients = new long[2];
    long[] successes = new long[2];
    long before = 0;
    for (long n = 1; n <= most; n++) {
      int arm = random.nextDouble() < shareB ? 1 : 0;
      recipients[arm]++;
      successes[arm] += random.nextDouble() < (arm == 1 ? rateB : rateA) ? 1 : 0;
      boolean first = blocks.isEmpty() && Math.min(recipients[0], recipients[1]) < FIRST_UNITS;
      boolean ends = n - before >= GROWTH * before && recipients[0] > 0 && recipients[1] > 0;
      if (ends && !first) {
        blocks.addAll(strata(recipients, successes));
        if (process.logE(blocks) >= THRESHOLD) {
          return n;
        }
        before = n;
        recipients = new long[2];
        successes = new long[2];
      }
    }
    return most + 1;
  }

  private static List<Stratum<BinaryCounts>> strata(long[] recipients, long[] successes) {
    return List.of(
        new Stratum<>(
            new BinaryCounts(recipients[0], successes[0]),
            new BinaryCounts(recipients[1], successes[1])));
  }

  /** Revenue: a few buy, for amounts of a heavy tail. */
  private void errorsOfRevenue() {
    int runs = Math.max(10, replications / 10);
    for (double shareB : new double[] {0.5, 0.1}) {
      double rate = MeanSequence.rate(ALPHA, 10_000);
      long winners = 0;
      for (int i = 0; i < runs; i++) {
        winners += rejectsRevenue(shareB, rate) ? 1 : 0;
      }
      share(
          "false winners, revenue, split %.0f/%.0f, every recipient"
              .formatted(100 * (1 - shareB), 100 * shareB),
          winners,
          runs,
          ALPHA);
    }
  }

  private boolean rejectsRevenue(double shareB, double rate) {
    MeanCounts[] arms = {MeanCounts.NONE, MeanCounts.NONE};
    for (int n = 0; n < 15_000; n++) {
      int arm = random.nextDouble() < shareB ? 1 : 0;
      long micros =
          random.nextDouble() < 0.05
              ? (long) (20_000_000 * Math.exp(0.8 * random.nextGaussian()))
              : 0;
      arms[arm] = arms[arm].plus(MeanCounts.of(micros));
      Stratum<MeanCounts> stratum = new Stratum<>(arms[0], arms[1]);
      if (MeanSequence.of(List.of(stratum), rate).logE(0) >= THRESHOLD) {
        return true;
      }
    }
    return false;
  }

  /** Rates with a covariate: half click four times as often as the others, before and after. */
  private void errorsOfAdjustedRates() {
    for (double rate : new double[] {0.02, 0.12}) {
      for (double shareB : new double[] {0.5, 0.1}) {
        Planner planner = Planner.withDefaults().withTreatmentRatio(shareB / (1 - shareB));
        long most = Math.round(Planner.HORIZON * planner.proportions(rate, 1.2 * rate).total());
        long winners = 0;
        for (int i = 0; i < replications; i++) {
          winners += rejectsAdjustedRate(rate, shareB, most) ? 1 : 0;
        }
        share(
            "false winners, rate %.0f %% with a covariate, split %.0f/%.0f, every block"
                .formatted(100 * rate, 100 * (1 - shareB), 100 * shareB),
            winners,
            replications,
            ALPHA);
      }
    }
  }

  private boolean rejectsAdjustedRate(double rate, double shareB, long most) {
    Tally[] arms = {Tally.NONE, Tally.NONE};
    double spread = MeanSequence.rate(ALPHA, most / 2);
    long before = 0;
    for (long n = 1; n <= most; n++) {
      int arm = random.nextDouble() < shareB ? 1 : 0;
      double own = random.nextBoolean() ? 1.6 * rate : 0.4 * rate;
      long clicked = random.nextDouble() < own ? Metric.ONE : 0;
      long clickedBefore = random.nextDouble() < own ? Metric.ONE : 0;
      arms[arm] = arms[arm].plus(Tally.ofValue(clicked, clickedBefore));
      if (n - before >= GROWTH * before) {
        before = n;
        Stratum<MeanCounts> stratum = new Stratum<>(arms[0].mean(), arms[1].mean());
        if (MeanSequence.of(List.of(stratum), spread).logE(0) >= THRESHOLD) {
          return true;
        }
      }
    }
    return false;
  }

  private void power() {
    double fixed = Planner.withDefaults().proportions(0.02, 0.024).total();
    long most = Math.round(Planner.HORIZON * fixed);
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.02);
    double power = 0;
    double recipients = 0;
    double squares = 0;
    for (int i = 0; i < replications; i++) {
      long at = recipientsToReject(mixture, 0.5, 0.02, 0.024, most);
      double taken = Math.min(at, most);
      power += at <= most ? 1.0 / replications : 0;
      recipients += taken / replications;
      squares += taken * taken / replications;
    }
    out.accept(
        new Finding(
            "power at the planned effect, 2 % to 2.4 %, horizon twice the fixed size",
            power, Math.sqrt(power * (1 - power) / replications), 0.85, Double.POSITIVE_INFINITY));
    out.accept(
        new Finding(
            "  recipients on average",
            recipients,
            Math.sqrt((squares - recipients * recipients) / replications),
            0,
            46_000));
  }

  private void openEnded() {
    double fixed = Planner.withDefaults().proportions(0.03, 0.036).total();
    long most = Math.round(1.75 * fixed);
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.03);
    double power = 0;
    double recipients = 0;
    for (int i = 0; i < replications; i++) {
      long at = recipientsToReject(mixture, 0.5, 0.03, 0.036, most);
      power += at <= most ? 1.0 / replications : 0;
      recipients += Math.min(at, most) / fixed / replications;
    }
    double saved = 1 - recipients / interpolated(SAFE_2X2, power);
    double error = 0.6 / Math.sqrt(replications);
    out.accept(
        new Finding(
            "open-ended, 3 %% to 3.6 %%: saved against the safe 2x2 test at power %.2f"
                .formatted(power),
            saved,
            error,
            0.35,
            0.42));
  }

  private static double interpolated(double[][] table, double x) {
    int i = 1;
    while (i < table.length - 1 && table[i][0] < x) {
      i++;
    }
    double part = (x - table[i - 1][0]) / (table[i][0] - table[i - 1][0]);
    return table[i - 1][1] + part * (table[i][1] - table[i - 1][1]);
  }

  private void plannedList() {
    GroupSequentialTest test = GroupSequentialTest.withDefaults().with(SpendingFunction.QUADRATIC);
    double[] fractions = GroupSequentialTest.equallySpaced(10);
    GroupSequentialTest.Boundaries boundaries = test.boundaries(test.drift(fractions), fractions);
    double fixed = Planner.withDefaults().proportions(0.03, 0.036).total();
    double size = fixed * test.inflation(fractions);
    double[][] goals = {{0, 0.43, 0.47}, {1, 0.2, 0.26}, {1.5, 0.43, 0.47}, {2, 0.53, 0.62}};
    for (double[] goal : goals) {
      double treatment = 0.03 * (1 + 0.2 * goal[0]);
      double recipients = 0;
      for (int i = 0; i < replications; i++) {
        recipients += evaluatedAt(boundaries, size, treatment) / fixed / replications;
      }
      out.accept(
          new Finding(
              "planned list, %.1f times the planned effect: saved against the fixed size"
                  .formatted(goal[0]),
              1 - recipients,
              0.35 / Math.sqrt(replications),
              goal[1],
              goal[2]));
    }
  }

  private double evaluatedAt(
      GroupSequentialTest.Boundaries boundaries, double size, double treatment) {
    long[] recipients = new long[2];
    long[] successes = new long[2];
    long n = 0;
    double[] fractions = boundaries.fractions();
    for (int k = 0; k < fractions.length; k++) {
      for (; n < fractions[k] * size; n++) {
        int arm = (int) (n % 2);
        recipients[arm]++;
        successes[arm] += random.nextDouble() < (arm == 1 ? treatment : 0.03) ? 1 : 0;
      }
      double z = new RatioScore(strata(recipients, successes)).z(0);
      if (Math.abs(z) >= boundaries.critical()[k] || z < boundaries.futility()[k]) {
        break;
      }
    }
    return n;
  }

  private void guardrail() {
    RatioMixture harm =
        RatioMixture.of(0.5, 0.5, MetricEvent.OPT_OUT.typicalRate()).with(Alternative.GREATER, 0);
    long most = 60_000;
    double recipients = 0;
    for (int i = 0; i < replications; i++) {
      recipients +=
          Math.min(most, recipientsToReject(harm, 0.5, 0.005, 0.01, most)) / (double) replications;
    }
    out.accept(
        new Finding(
            "opt-outs doubled from 0.5 to 1 %: saved against a gated sequence",
            1 - recipients / GATED_OPT_OUTS,
            0.3 / Math.sqrt(replications),
            0.5,
            Double.POSITIVE_INFINITY));
  }

  private void sampleRatio() {
    int runs = Math.max(20, replications / 4);
    long alarms = 0;
    double[] found = new double[runs];
    for (int i = 0; i < runs; i++) {
      alarms += recipientsToMismatch(0.5, 20_000) <= 20_000 ? 1 : 0;
      found[i] = recipientsToMismatch(0.52, 60_000);
    }
    share("sample ratio, looked at continuously: false alarms at 0.01", alarms, runs, 0.01);
    Arrays.sort(found);
    out.accept(
        new Finding(
            "sample ratio 48/52: median recipients until it is found",
            found[runs / 2],
            5_000 / Math.sqrt(runs),
            0,
            7_500));
  }

  private long recipientsToMismatch(double shareB, long most) {
    SampleRatioTest test = SampleRatioTest.withDefaults();
    List<Double> shares = List.of(0.5, 0.5);
    long b = 0;
    for (long n = 1; n <= most; n++) {
      b += random.nextDouble() < shareB ? 1 : 0;
      if (n % 5 == 0
          && test.logE(shares, List.of(n - b, b)) > -Math.log(SampleRatioTest.ALERT_BELOW)) {
        return n;
      }
    }
    return most + 1;
  }
}
