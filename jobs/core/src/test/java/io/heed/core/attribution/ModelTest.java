package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelTest {
  private static final AttributionPolicy POLICY = AttributionPolicy.DEFAULTS;

  @Test
  void firstAndLastTouchTakeAll() {
    assertThat(shares(Model.FIRST_TOUCH, 3)).containsExactly(Shares.ONE, 0, 0);
    assertThat(shares(Model.LAST_TOUCH, 3)).containsExactly(0, 0, Shares.ONE);
  }

  @Test
  void linearSharesAndTheLastTakesTheRemainder() {
    assertThat(shares(Model.LINEAR, 3))
        .containsExactly(333_333_333_333L, 333_333_333_333L, 333_333_333_334L);
  }

  @Test
  void positionBasedGivesFortyTwentyForty() {
    assertThat(shares(Model.POSITION_BASED, 1)).containsExactly(Shares.ONE);
    assertThat(shares(Model.POSITION_BASED, 2)).containsExactly(Shares.ONE / 2, Shares.ONE / 2);
    assertThat(shares(Model.POSITION_BASED, 4))
        .containsExactly(400_000_000_000L, 100_000_000_000L, 100_000_000_000L, 400_000_000_000L);
  }

  @Test
  void timeDecayHalvesPerHalfLife() {
    long halfLife = Duration.ofDays(7).toMillis();
    List<PathTouch> path = List.of(touch("a", 0), touch("a", halfLife), touch("a", 2 * halfLife));
    assertThat(Shares.proportional(Model.TIME_DECAY.weights(path, POLICY)))
        .containsExactly(142_857_142_857L, 285_714_285_714L, 571_428_571_429L);
  }

  @Test
  void markovSharesByChannelAndEvenlyWithinOne() {
    List<PathTouch> path = List.of(touch("a", 0), touch("b", 1), touch("a", 2));
    double[] weights = Model.markovWeights(path, Map.of("a", 0.6, "b", 0.2));
    assertThat(Shares.proportional(weights))
        .containsExactly(375_000_000_000L, 250_000_000_000L, 375_000_000_000L);
  }

  @Test
  void aDayWithoutAModelSharesEvenly() {
    List<PathTouch> path = List.of(touch("a", 0), touch("b", 1));
    assertThat(Shares.proportional(Model.markovWeights(path, Map.of())))
        .containsExactly(Shares.ONE / 2, Shares.ONE / 2);
  }

  private static long[] shares(Model model, int touches) {
    List<PathTouch> path = IntStream.range(0, touches).mapToObj(i -> touch("a", i)).toList();
    return Shares.proportional(model.weights(path, POLICY));
  }

  private static PathTouch touch(String channel, long time) {
    return new PathTouch(channel, null, null, null, time);
  }
}
