package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class PaceTest {
  private static final int TICK = 50;

  /** Whatever a text brings, some seconds later: the rate is reached and kept. */
  @Property(tries = 50)
  void reachesTheRate(
      @ForAll @IntRange(min = 20, max = 2_000) int rate,
      @ForAll @DoubleRange(min = 1, max = 8) double eventsPerText,
      @ForAll @IntRange(min = 0, max = 60) int delayTicks) {
    Pace pace = new Pace(rate, 0);
    double[] arriving = new double[10_000];
    double carried = 0;
    long inLastMinute = 0;
    for (int tick = 1; tick < 4_800; tick++) {
      int texts = pace.due((long) tick * TICK);
      arriving[tick + delayTicks] += texts * eventsPerText;
      carried += arriving[tick];
      int events = (int) carried;
      carried -= events;
      pace.came(events);
      inLastMinute += tick >= 3_600 ? events : 0;
    }
    assertThat(inLastMinute / 60.0).isBetween(0.9 * rate, 1.1 * rate);
  }
}
