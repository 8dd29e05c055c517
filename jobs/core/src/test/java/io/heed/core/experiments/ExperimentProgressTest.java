package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExperimentProgressTest {
  private static final Totals ONE =
      Totals.of(Map.of(new Totals.Cell(0, 0, Totals.ASSIGNED), Tally.of(1, 0)));

  @Test
  void whatWaitsIsBoundedAndLosesNoCount() {
    SortedMap<Long, Totals> changes = new TreeMap<>();
    for (long step = 1; step <= 100; step++) {
      changes.put(step, ONE);
    }
    ExperimentProgress all = ExperimentProgress.START.with(changes);
    ExperimentProgress bounded = all.within(10);
    assertThat(bounded.pending()).hasSize(10);
    assertThat(bounded.pending().firstKey()).isEqualTo(91);
    assertThat(bounded.open()).isEqualTo(all.open());
    assertThat(Totals.sum(bounded.pending().values()))
        .isEqualTo(Totals.sum(all.pending().values()));
    assertThat(bounded.maturesBy(90)).isFalse();
    assertThat(all.within(100)).isSameAs(all);
  }

  @Test
  void whatExpiresIsOpenNoMore() {
    ExperimentProgress progress =
        ExperimentProgress.START.with(new TreeMap<>(Map.of(1L, ONE, 2L, ONE, 3L, ONE)));
    ExperimentProgress left = progress.without(2);
    assertThat(left.pending()).containsOnlyKeys(3L);
    assertThat(left.open()).isEqualTo(ONE);
    assertThat(left.without(3).open().isEmpty()).isTrue();
  }
}
