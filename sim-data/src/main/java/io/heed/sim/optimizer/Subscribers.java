package io.heed.sim.optimizer;

import java.util.Arrays;

/** The people of one run: true fatigue, who left, and what was earned. */
final class Subscribers {
  private final Nature nature;
  private final double[] fatigue;
  private final int[] fatigueMinute;

  /** Minute at which a person left, by opt-out or otherwise. */
  final int[] gone;

  private final long[] valueByPeriod = new long[RunResult.PERIODS];
  private long messages;
  private long optOuts;

  /** What one message did. */
  boolean clicked;

  boolean left;
  long marginMicros;

  Subscribers(Nature nature) {
    this.nature = nature;
    fatigue = new double[nature.people];
    fatigueMinute = new int[nature.people];
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
    messages++;
    valueByPeriod[minute / World.MINUTES / RunResult.PERIOD_DAYS] +=
        marginMicros - World.COST_MICROS;
    if (left) {
      optOuts++;
      gone[person] = Math.min(gone[person], minute + 1 + nature.optOutDelay(person, campaign));
    }
  }

  RunResult result(String policy) {
    double people = nature.people;
    return new RunResult(
        policy,
        Arrays.stream(valueByPeriod).sum() / 1e6 / people,
        optOuts / people,
        messages / people,
        Arrays.stream(valueByPeriod).mapToDouble(micros -> micros / 1e6 / people).toArray());
  }
}
