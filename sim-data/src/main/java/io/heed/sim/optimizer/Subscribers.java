package io.heed.sim.optimizer;

import java.util.Arrays;

/** The people of one run: true fatigue, who left, and what was earned. */
final class Subscribers {
  private final Nature nature;
  private final double[] fatigue;
  private final int[] fatigueMinute;
  private final long[] earned;

  /** Minute at which a person left, by opt-out or otherwise. */
  final int[] gone;

  private final long[] valueByWeek = new long[RunResult.WEEKS];
  private final long[] messagesByWeek = new long[RunResult.WEEKS];
  private final long[] optOutsByWeek = new long[RunResult.WEEKS];

  /** What the last message did. */
  boolean clicked;

  boolean left;
  long marginMicros;

  Subscribers(Nature nature) {
    this.nature = nature;
    fatigue = new double[nature.people];
    fatigueMinute = new int[nature.people];
    earned = new long[nature.people];
    gone = nature.churnMinute.clone();
  }

  double fatigue(int person, int minute) {
    return fatigue[person] * nature.decay(minute - fatigueMinute[person]);
  }

  /** Sends, and leaves what happened in the fields. */
  void send(int person, int campaign, int minute) {
    double tired = fatigue(person, minute);
    double click = nature.clickProbability(person, campaign, tired);
    clicked = nature.clicks(person, campaign, click);
    left = nature.leaves(person, campaign, nature.optOutProbability(person, campaign, tired));
    marginMicros = nature.margin(person, campaign, clicked, click);
    fatigue[person] = tired + 1;
    fatigueMinute[person] = minute;
    int week = minute / RunResult.WEEK_MINUTES;
    messagesByWeek[week]++;
    valueByWeek[week] += marginMicros - World.COST_MICROS;
    earned[person] += marginMicros - World.COST_MICROS;
    if (left) {
      optOutsByWeek[week]++;
      gone[person] = Math.min(gone[person], minute + 1 + nature.optOutDelay(person, campaign));
    }
  }

  RunResult result(String policy) {
    return result(policy, new boolean[nature.people]);
  }

  /** With the lift of everybody else over the control. */
  RunResult result(String policy, boolean[] control) {
    double people = nature.people;
    double[] n = new double[2];
    double[] sum = new double[2];
    double[] squares = new double[2];
    for (int i = 0; i < nature.people; i++) {
      int arm = control[i] ? 0 : 1;
      double value = earned[i] / 1e6;
      n[arm]++;
      sum[arm] += value;
      squares[arm] += value * value;
    }
    double variance = 0;
    for (int arm = 0; arm < 2; arm++) {
      double mean = sum[arm] / n[arm];
      variance += (squares[arm] / n[arm] - mean * mean) / n[arm];
    }
    double[] hazard = new double[RunResult.WEEKS];
    for (int week = 0; week < hazard.length; week++) {
      hazard[week] = (double) optOutsByWeek[week] / Math.max(1, messagesByWeek[week]);
    }
    return new RunResult(
        policy,
        Arrays.stream(valueByWeek).sum() / 1e6 / people,
        Arrays.stream(optOutsByWeek).sum() / people,
        Arrays.stream(messagesByWeek).sum() / people,
        Arrays.stream(valueByWeek).mapToDouble(micros -> micros / 1e6 / people).toArray(),
        hazard,
        sum[1] / n[1] - sum[0] / n[0],
        Math.sqrt(variance));
  }
}
