package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MarkovModelTest {
  @Test
  void aSmallChainByHand() {
    TransitionCounts counts = new TransitionCounts();
    // a converts in 1 of 2, a then b in 1 of 1: P = 2/3; without b 1/3, without a 0.
    counts.add(new PathFact(0, List.of("a"), true, 1));
    counts.add(new PathFact(0, List.of("a"), false, 1));
    counts.add(new PathFact(0, List.of("a", "b"), true, 1));
    Map<String, Double> effects = MarkovModel.removalEffects(counts);
    assertThat(effects.get("a")).isCloseTo(1, within(1e-15));
    assertThat(effects.get("b")).isCloseTo(0.5, within(1e-15));
  }

  @Property(tries = 200)
  void equalsTheChainSolvedAgainWithoutEachChannel(
      @ForAll @Size(min = 1, max = 40)
          List<@Size(min = 1, max = 12) List<@IntRange(max = 6) Integer>> paths) {
    TransitionCounts counts = new TransitionCounts();
    for (int i = 0; i < paths.size(); i++) {
      counts.add(new PathFact(0, channels(paths.get(i)), i % 3 == 0, 1));
    }
    Map<String, Double> effects = MarkovModel.removalEffects(counts);
    assertThat(effects.keySet()).isEqualTo(AbsorbingChain.channels(counts));
    effects.forEach(
        (channel, effect) ->
            assertThat(effect)
                .isCloseTo(AbsorbingChain.removalEffect(counts, channel), within(1e-9)));
  }

  @Test
  void whatIsTakenBackLeavesNothing() {
    TransitionCounts counts = new TransitionCounts();
    PathFact path = new PathFact(0, List.of("a", "b", "a"), true, 1);
    counts.add(path);
    counts.add(path.withSign(-1));
    assertThat(counts.isEmpty()).isTrue();
    assertThat(MarkovModel.removalEffects(counts)).isEmpty();
  }

  @Test
  void moreChannelsThanAModelHoldsAreOne() {
    TransitionCounts counts = new TransitionCounts();
    for (int i = 0; i < 1_000; i++) {
      counts.add(new PathFact(0, List.of("common", "rare-" + i), i % 2 == 0, 1));
    }
    Map<String, Double> effects = MarkovModel.removalEffects(counts);
    assertThat(effects).hasSize(1_001);
    assertThat(effects.get("common")).isCloseTo(1, within(1e-12));
    assertThat(new TreeSet<>(effects.values()).size()).isLessThanOrEqualTo(MarkovModel.CHANNELS);
  }

  private static List<String> channels(List<Integer> path) {
    List<String> channels = new ArrayList<>();
    path.forEach(i -> channels.add("c" + i));
    return channels;
  }
}
