package io.heed.sim.optimizer;

/**
 * Knows every person's true affinity, hazard, fatigue and tastes, what each campaign is like, and
 * when the world ends: backward induction per person over fatigue and time, with the campaigns' own
 * distribution for those to come. No policy that does not know the draws themselves does better, up
 * to the grid.
 */
final class Oracle {
  private static final int POINTS = 25;
  private static final double MAX = 22;
  private static final int PER_KIND = 3;

  private final Nature nature;
  private final int[] typical;

  Oracle(Nature nature) {
    this.nature = nature;
    typical = typicalCampaigns();
  }

  /** Some campaigns of each kind, spread over quality: the distribution of what comes. */
  private int[] typicalCampaigns() {
    int[][] byKind = new int[Nature.KINDS][];
    for (int k = 0; k < Nature.KINDS; k++) {
      int ofKind = k;
      int[] all =
          java.util.stream.IntStream.range(0, nature.campaigns)
              .filter(c -> nature.kind[c] == ofKind)
              .boxed()
              .sorted(java.util.Comparator.comparingDouble(c -> nature.quality[c]))
              .mapToInt(Integer::intValue)
              .toArray();
      byKind[k] = new int[PER_KIND];
      for (int j = 0; j < PER_KIND; j++) {
        byKind[k][j] = all[(2 * j + 1) * all.length / (2 * PER_KIND)];
      }
    }
    return java.util.Arrays.stream(byKind).flatMapToInt(java.util.Arrays::stream).toArray();
  }

  RunResult run() {
    Subscribers people = new Subscribers(nature);
    double[] worth = new double[typical.length * POINTS];
    double[] leaves = new double[typical.length * POINTS];
    double[][] value = new double[nature.campaigns + 1][POINTS];
    double interval = nature.world.intervalDays() * World.MINUTES;
    double decay = nature.decay(interval);
    double stays = Math.exp(-0.12 / 365 * nature.world.intervalDays());
    for (int i = 0; i < nature.people; i++) {
      for (int m = 0; m < typical.length; m++) {
        for (int k = 0; k < POINTS; k++) {
          double tired = fatigue(k) * decay;
          worth[m * POINTS + k] =
              nature.expectedMargin(nature.clickProbability(i, typical[m], tired));
          leaves[m * POINTS + k] = nature.optOutProbability(i, typical[m], tired);
        }
      }
      for (int c = nature.campaigns - 1; c >= 0; c--) {
        for (int k = 0; k < POINTS; k++) {
          double tired = fatigue(k) * decay;
          double hold = at(value[c + 1], tired);
          double sent = at(value[c + 1], tired + 1);
          double sum = 0;
          for (int m = 0; m < typical.length; m++) {
            sum += Math.max(hold, worth[m * POINTS + k] + (1 - leaves[m * POINTS + k]) * sent);
          }
          value[c][k] = stays * sum / typical.length;
        }
      }
      for (int c = 0; c < nature.campaigns; c++) {
        int minute = nature.requestMinute(i, c);
        if (minute >= people.gone[i]) {
          break;
        }
        double tired = people.fatigue(i, minute);
        double brings = nature.expectedMargin(nature.clickProbability(i, c, tired));
        double hazard = nature.optOutProbability(i, c, tired);
        // value[c + 1] is the value just after this request was decided.
        if (brings + (1 - hazard) * at(value[c + 1], tired + 1) >= at(value[c + 1], tired)) {
          people.send(i, c, minute);
        }
      }
    }
    return people.result("oracle");
  }

  private static double fatigue(int point) {
    double share = (double) point / (POINTS - 1);
    return MAX * share * share;
  }

  private static double at(double[] table, double fatigue) {
    double position = Math.min(POINTS - 1.001, Math.sqrt(fatigue / MAX) * (POINTS - 1));
    int point = (int) position;
    double share = position - point;
    return table[point] * (1 - share) + table[point + 1] * share;
  }
}
