package io.heed.core.optimizer;

import java.util.Arrays;

/**
 * What a person is still worth, by class, fatigue and places used, just after a request was
 * decided: V(f, u) = γ Σ p(c) max( V(f', u'), v(c, f') + (1 − h(c, f')) V(f' + 1, u' + 1) ), where
 * f' is fatigue decayed until the next request, u' the places used by then, v the net margin of the
 * message less its cost and less the price of an opt-out, h its hazard. A message moves a person to
 * the next class of messages borne with the probability 1 / (width of the class). The differences
 * in f and u are the price of a place, V itself that of a subscriber.
 */
final class ValueToGo {
  /** Caps above this are as if there were none: the gate still holds them. */
  static final int MAX_PLACES = 10;

  private static final double MAX_HAZARD = 0.95;

  private final Inputs in;
  private final int levels;
  private final double[] shares;
  private final double[] clickFactors;
  private final double[] hazardFactors;

  /** Rates at the points of the grid, by group. */
  @SuppressWarnings("ArrayRecordComponent") // Read in inner loops, and never compared.
  record Inputs(
      double[] click,
      double[] hazard,
      CampaignMix mix,
      HalfLife halfLife,
      double valuePerClickMicros,
      double costMicros,
      double optOutPriceMicros,
      double horizonDays,
      int places,
      double placesDays) {}

  ValueToGo(Inputs in) {
    this.in = in;
    this.levels = levels(in.places);
    this.shares = in.mix.shares();
    this.clickFactors = in.mix.clicks();
    this.hazardFactors = in.mix.optOuts();
  }

  /** Levels of places used: 0 to the cap, or one level where no cap binds. */
  static int levels(int places) {
    return places <= 0 || places > MAX_PLACES ? 1 : places + 1;
  }

  /** Improves values, given as [group][places used][point], by some sweeps; returns new ones. */
  double[] iterate(double[] start, int sweeps) {
    int groups = Cell.BORNE * Cell.AFFINITY;
    int points = ValueGrid.POINTS;
    double[] value = Arrays.copyOf(start, groups * levels * points);
    double interval = in.mix.intervalDays();
    double gamma = StrictMath.exp(-interval / in.horizonDays);
    double decay = in.halfLife.decay(interval);
    double[] held = new double[points];
    double[] sent = new double[points];
    for (int k = 0; k < points; k++) {
      double fatigue = ValueGrid.fatigue(k) * decay;
      held[k] = ValueGrid.position(fatigue);
      sent[k] = ValueGrid.position(fatigue + 1);
    }
    double[] click = at(in.click, held);
    double[] hazard = at(in.hazard, held);
    for (int sweep = 0; sweep < sweeps; sweep++) {
      for (int group = groups - 1; group >= 0; group--) {
        for (int k = 0; k < points; k++) {
          double worth = click[group * points + k] * in.valuePerClickMicros;
          double leaves = hazard[group * points + k];
          double before = 0;
          for (int used = 0; used < levels; used++) {
            double decided = decided(value, group, used, held[k], sent[k], worth, leaves);
            double freed = Math.min(1, used * interval / in.placesDays);
            value[(group * levels + used) * points + k] =
                gamma * ((1 - freed) * decided + freed * before);
            before = decided;
          }
        }
      }
    }
    return value;
  }

  /** The value of a request with so many places used, before it is known which campaign comes. */
  private double decided(
      double[] value, int group, int used, double held, double sent, double worth, double leaves) {
    double hold = ValueGrid.at(value, from(group, used), held);
    if (levels > 1 && used == levels - 1) {
      return hold;
    }
    int width = Cell.borneWidth(group / Cell.AFFINITY);
    int usedAfter = levels == 1 ? 0 : used + 1;
    double after = ValueGrid.at(value, from(group, usedAfter), sent);
    if (width > 0) {
      double next = ValueGrid.at(value, from(group + Cell.AFFINITY, usedAfter), sent);
      after += (next - after) / width;
    }
    double sum = 0;
    double stake = after + in.optOutPriceMicros;
    double certain = after - in.costMicros;
    for (int m = 0; m < shares.length; m++) {
      double hazard = Math.min(MAX_HAZARD, leaves * hazardFactors[m]);
      double send = certain + worth * clickFactors[m] - hazard * stake;
      sum += shares[m] * (send > hold ? send : hold);
    }
    return sum;
  }

  private int from(int group, int used) {
    return (group * levels + used) * ValueGrid.POINTS;
  }

  private static double[] at(double[] table, double[] positions) {
    double[] result = new double[table.length];
    for (int group = 0; group < Cell.BORNE * Cell.AFFINITY; group++) {
      for (int k = 0; k < positions.length; k++) {
        result[group * ValueGrid.POINTS + k] =
            ValueGrid.at(table, group * ValueGrid.POINTS, positions[k]);
      }
    }
    return result;
  }
}
