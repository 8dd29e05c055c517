package io.heed.core.optimizer;

import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.Arrays;

/**
 * A rate per {@link Cell}, shrunk: the product of one factor for messages borne, one for affinity
 * and one for fatigue, each a Gamma-Poisson estimate, and then the cell's own against what that
 * product expects (the mean of a Beta posterior whose prior mean is the product; at rates of a
 * percent Beta and Gamma agree to the fourth digit). The factor of fatigue is shrunk to an
 * exponential whose slope is fitted, since few cells of high fatigue have any messages. A hazard
 * never falls as fatigue grows, and clicks never rise, or a tired person would be worth more than a
 * rested one: pool adjacent violators, weighted by exposure.
 */
final class RateTable {
  /** Events with which a prior weighs. */
  private static final double LEVEL_PRIOR = 5;

  private static final double FACTOR_PRIOR = 15;
  private static final double CELL_PRIOR = 25;
  private static final int ROUNDS = 24;
  private static final double EXPOSURE_UNIT = 1000;

  private final double[] rate;
  private final double[] centre;
  private final double mean;

  private RateTable(double[] rate, double[] centre, double mean) {
    this.mean = mean;
    this.rate = rate;
    this.centre = centre;
  }

  /** What is believed before any outcome. */
  record Prior(double level, double slope, double slopeSd, boolean rising) {
    static final Prior CLICKS = new Prior(0.05, -0.02, 0.05, false);
    static final Prior OPT_OUTS = new Prior(0.004, 0.15, 0.1, true);
  }

  /** The rate of all cells together. */
  double mean() {
    return mean;
  }

  /** The rate at a bucket's centre. */
  double at(int cell) {
    return rate[cell];
  }

  /** The rate of a group at some fatigue, linear between the buckets' centres. */
  double at(int group, double fatigue) {
    int from = group * Cell.FATIGUE;
    if (fatigue <= centre[0]) {
      return rate[from];
    }
    for (int f = 1; f < Cell.FATIGUE; f++) {
      if (fatigue <= centre[f]) {
        double share = (fatigue - centre[f - 1]) / (centre[f] - centre[f - 1]);
        return rate[from + f - 1] + share * (rate[from + f] - rate[from + f - 1]);
      }
    }
    return rate[from + Cell.FATIGUE - 1];
  }

  /** Weighted counts of several ages. */
  static final class Data {
    final double[] events = new double[Cell.COUNT];
    final double[] exposure = new double[Cell.COUNT];
    final double[] messages = new double[Cell.FATIGUE];
    final double[] fatigue = new double[Cell.FATIGUE];

    void add(OutcomeCells cells, Measure event, Measure exposed, double weight) {
      for (int cell = 0; cell < Cell.COUNT; cell++) {
        long sent = cells.get(cell, Measure.MESSAGES);
        if (sent != 0) {
          int bucket = cell % Cell.FATIGUE;
          events[cell] += weight * cells.get(cell, event);
          exposure[cell] += weight * cells.get(cell, exposed) / EXPOSURE_UNIT;
          messages[bucket] += weight * sent;
          fatigue[bucket] += weight * cells.get(cell, Measure.FATIGUE_MILLIS) / 1000;
        }
      }
    }
  }

  static RateTable fit(Data data, Prior prior) {
    double[] centre = new double[Cell.FATIGUE];
    for (int f = 0; f < Cell.FATIGUE; f++) {
      // A bucket without messages keeps its middle; few messages move it little.
      centre[f] = (data.fatigue[f] + 10 * Cell.middle(f)) / (data.messages[f] + 10);
    }
    double[] borne = ones(Cell.BORNE);
    double[] affinity = ones(Cell.AFFINITY);
    double[] tired = new double[Cell.FATIGUE];
    double slope = prior.slope;
    double level = prior.level;
    for (int f = 0; f < Cell.FATIGUE; f++) {
      tired[f] = StrictMath.exp(slope * centre[f]);
    }
    for (int round = 0; round < ROUNDS; round++) {
      double[] byBorne = new double[Cell.BORNE];
      double[] byAffinity = new double[Cell.AFFINITY];
      double[] byFatigue = new double[Cell.FATIGUE];
      double[] seenBorne = new double[Cell.BORNE];
      double[] seenAffinity = new double[Cell.AFFINITY];
      double[] seenFatigue = new double[Cell.FATIGUE];
      double seen = 0;
      double units = 0;
      for (int b = 0; b < Cell.BORNE; b++) {
        for (int a = 0; a < Cell.AFFINITY; a++) {
          for (int f = 0; f < Cell.FATIGUE; f++) {
            int cell = Cell.of(Cell.group(b, a), f);
            if (data.exposure[cell] == 0) {
              continue;
            }
            double unit = data.exposure[cell] * borne[b];
            byBorne[b] += data.exposure[cell] * affinity[a] * tired[f];
            byAffinity[a] += unit * tired[f];
            byFatigue[f] += unit * affinity[a];
            unit *= affinity[a] * tired[f];
            seenBorne[b] += data.events[cell];
            seenAffinity[a] += data.events[cell];
            seenFatigue[f] += data.events[cell];
            seen += data.events[cell];
            units += unit;
          }
        }
      }
      // One block of factors a round, each against the others of the round before.
      switch (round % 4) {
        case 0 -> level = (LEVEL_PRIOR + seen) / (LEVEL_PRIOR / prior.level + units);
        case 1 -> shrink(borne, seenBorne, byBorne, level);
        case 2 -> shrink(affinity, seenAffinity, byAffinity, level);
        default -> {
          slope = slope(slope, centre, seenFatigue, byFatigue, level, prior);
          for (int f = 0; f < Cell.FATIGUE; f++) {
            double curve = StrictMath.exp(slope * centre[f]);
            double expected = level * byFatigue[f] * curve;
            tired[f] = curve * (FACTOR_PRIOR + seenFatigue[f]) / (FACTOR_PRIOR + expected);
          }
        }
      }
    }
    return new RateTable(
        cells(data, level, borne, affinity, tired, prior.rising), centre, mean(data, prior));
  }

  private static double mean(Data data, Prior prior) {
    double events = LEVEL_PRIOR;
    double exposure = LEVEL_PRIOR / prior.level;
    for (int cell = 0; cell < Cell.COUNT; cell++) {
      events += data.events[cell];
      exposure += data.exposure[cell];
    }
    return events / exposure;
  }

  private static double[] cells(
      Data data, double level, double[] borne, double[] affinity, double[] tired, boolean rising) {
    double[] rate = new double[Cell.COUNT];
    double[] row = new double[Cell.FATIGUE];
    double[] weight = new double[Cell.FATIGUE];
    for (int group = 0; group < Cell.BORNE * Cell.AFFINITY; group++) {
      for (int f = 0; f < Cell.FATIGUE; f++) {
        int cell = Cell.of(group, f);
        double mean =
            level * borne[group / Cell.AFFINITY] * affinity[group % Cell.AFFINITY] * tired[f];
        row[f] =
            mean * (CELL_PRIOR + data.events[cell]) / (CELL_PRIOR + mean * data.exposure[cell]);
        weight[f] = CELL_PRIOR / mean + data.exposure[cell];
      }
      monotone(row, weight, rising);
      for (int f = 0; f < Cell.FATIGUE; f++) {
        rate[Cell.of(group, f)] = Math.min(0.9, row[f]);
      }
    }
    return rate;
  }

  private static void shrink(double[] factor, double[] seen, double[] units, double level) {
    for (int i = 0; i < factor.length; i++) {
      factor[i] = (FACTOR_PRIOR + seen[i]) / (FACTOR_PRIOR + level * units[i]);
    }
  }

  /** Newton's method on the Poisson likelihood with a normal prior. */
  private static double slope(
      double start, double[] centre, double[] seen, double[] units, double level, Prior prior) {
    double slope = start;
    double precision = 1 / (prior.slopeSd * prior.slopeSd);
    for (int step = 0; step < 8; step++) {
      double gradient = -precision * (slope - prior.slope);
      double curvature = precision;
      for (int f = 0; f < Cell.FATIGUE; f++) {
        double expected = level * units[f] * StrictMath.exp(slope * centre[f]);
        gradient += centre[f] * (seen[f] - expected);
        curvature += centre[f] * centre[f] * expected;
      }
      slope += Math.max(-0.1, Math.min(0.1, gradient / curvature));
    }
    return prior.rising ? Math.max(0, slope) : Math.min(0, slope);
  }

  private static void monotone(double[] row, double[] weight, boolean rising) {
    double sign = rising ? 1 : -1;
    for (int f = 0; f < row.length; f++) {
      row[f] *= sign;
    }
    poolAdjacentViolators(row, weight);
    for (int f = 0; f < row.length; f++) {
      row[f] *= sign;
    }
  }

  /** The non-decreasing sequence that is closest by weighted squares. */
  static void poolAdjacentViolators(double[] values, double[] weights) {
    double[] mean = new double[values.length];
    double[] weight = new double[values.length];
    int[] length = new int[values.length];
    int blocks = 0;
    for (int i = 0; i < values.length; i++) {
      mean[blocks] = values[i];
      weight[blocks] = weights[i];
      length[blocks++] = 1;
      while (blocks > 1 && mean[blocks - 2] > mean[blocks - 1]) {
        double sum = weight[blocks - 2] + weight[blocks - 1];
        mean[blocks - 2] =
            (mean[blocks - 2] * weight[blocks - 2] + mean[blocks - 1] * weight[blocks - 1]) / sum;
        weight[blocks - 2] = sum;
        length[blocks - 2] += length[blocks - 1];
        blocks--;
      }
    }
    int at = 0;
    for (int block = 0; block < blocks; block++) {
      Arrays.fill(values, at, at + length[block], mean[block]);
      at += length[block];
    }
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
