package io.heed.sim.optimizer;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The people of one run: true fatigue, who left, and what was earned. */
final class Subscribers {
  private final Nature nature;
  private final double[] fatigue;
  private final int[] fatigueMinute;
  private final long[] earned;

  /** Minute at which a person left, by opt-out or otherwise. */
  final int[] gone;

  private final double[] valueByWeek = new double[RunResult.WEEKS];
  private final double[] risksByWeek = new double[RunResult.WEEKS];
  private final boolean[] optedOut;
  private final long[] messagesByWeek = new long[RunResult.WEEKS];

  /** What the last message did. */
  boolean clicked;

  boolean left;
  long marginMicros;

  Subscribers(Nature nature) {
    this.nature = nature;
    fatigue = new double[nature.people];
    fatigueMinute = new int[nature.people];
    earned = new long[nature.people];
    optedOut = new boolean[nature.people];
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
    double risk = nature.optOutProbability(person, campaign, tired);
    left = nature.leaves(person, campaign, risk);
    marginMicros = nature.margin(person, campaign, clicked, click);
    fatigue[person] = tired + 1;
    fatigueMinute[person] = minute;
    int week = minute / RunResult.WEEK_MINUTES;
    messagesByWeek[week]++;
    valueByWeek[week] += nature.expectedMargin(click);
    risksByWeek[week] += risk;
    earned[person] += marginMicros - World.COST_MICROS;
    if (left) {
      optedOut[person] = true;
      gone[person] = Math.min(gone[person], minute + 1 + nature.optOutDelay(person, campaign));
    }
  }

  /** What a policy brought that treated everybody alike. */
  RunResult result(String policy) {
    int optOuts = 0;
    for (boolean one : optedOut) {
      optOuts += one ? 1 : 0;
    }
    double people = nature.people;
    return new RunResult(
        policy,
        Arrays.stream(valueByWeek).sum() / 1e6 / people,
        optOuts / people,
        Arrays.stream(messagesByWeek).sum() / people,
        Arrays.stream(valueByWeek).map(micros -> micros / 1e6 / people).toArray(),
        IntStream.range(0, RunResult.WEEKS)
            .mapToDouble(week -> risksByWeek[week] / Math.max(1, messagesByWeek[week]))
            .toArray());
  }

  /** What everybody else brought against the control, as a job that knows no truth sees it. */
  ControlResult against(boolean[] control) {
    double[] n = new double[2];
    double[] sum = new double[2];
    double[] squares = new double[2];
    double[] optOuts = new double[2];
    for (int i = 0; i < nature.people; i++) {
      int arm = control[i] ? 0 : 1;
      double value = earned[i] / 1e6;
      n[arm]++;
      sum[arm] += value;
      squares[arm] += value * value;
      optOuts[arm] += optedOut[i] ? 1 : 0;
    }
    double variance = 0;
    for (int arm = 0; arm < 2; arm++) {
      double mean = sum[arm] / n[arm];
      variance += (squares[arm] / n[arm] - mean * mean) / n[arm];
    }
    return new ControlResult(
        sum[1] / n[1] - sum[0] / n[0], Math.sqrt(variance), optOuts[1] / n[1], optOuts[0] / n[0]);
  }
}
