package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.DAY;
import static io.heed.core.experiments.TestingExperiments.HOUR;
import static io.heed.core.experiments.TestingExperiments.START;
import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.Totals.Cell;
import io.heed.core.statistics.BinaryCounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MaturedTest {
  private static final ExperimentPlan PLAN = plan(TWO_ARMS);
  private static final int CLICKS = 0;
  private static final int OPT_OUTS = 1;

  private Matured matured = Matured.NONE;
  private long step = START;

  private void add(ExperimentPlan plan, long at, int epoch, long a, long b) {
    Map<Cell, Tally> cells = new HashMap<>();
    for (int metric = 0; metric < 2; metric++) {
      cells.put(new Cell(epoch, 0, metric), Tally.of(a, a / 10));
      cells.put(new Cell(epoch, 1, metric), Tally.of(b, b / 10));
    }
    matured = matured.with(new TreeMap<>(Map.of(at, Totals.of(cells))));
    step = Math.max(step, at);
    matured = matured.ended(step, plan, plan.epochs(), false);
  }

  private void add(long a, long b) {
    add(PLAN, step + HOUR, 0, a, b);
  }

  private List<Long> units() {
    return matured.blocks(CLICKS).stream().map(Block::units).toList();
  }

  @Test
  void theFirstBlockNeedsFiftyUnitsAnArmAndTheOthersGrowth() {
    add(1_000, 49);
    assertThat(units()).isEmpty();
    add(0, 1);
    assertThat(units()).containsExactly(1_050L);
    add(10, 10);
    assertThat(units()).containsExactly(1_050L);
    add(1, 0);
    assertThat(units()).containsExactly(1_050L, 21L);
    assertThat(matured.blocks(OPT_OUTS)).isEqualTo(matured.blocks(CLICKS));
  }

  /** One arm's batch waits for the other's, and both are one block. */
  @Test
  void everyArmThatIsFedHasUnitsInABlock() {
    add(100, 100);
    add(5_000, 0);
    add(5_000, 0);
    assertThat(units()).containsExactly(200L);
    add(0, 5_000);
    assertThat(units()).containsExactly(200L, 15_000L);
  }

  @Test
  void aBlockNeverSpansTwoEpochs() throws Exception {
    ExperimentPlans plans = new ExperimentPlans(0, DAY);
    plans.add(TestingExperiments.version(TWO_ARMS, "h1", START));
    ExperimentPlan two =
        plans.add(
            TestingExperiments.version(
                TWO_ARMS.replaceFirst("weight: 1", "weight: 9"), "h2", START + DAY));
    add(two, START + HOUR, 0, 500, 500);
    add(two, START + 2 * HOUR, 0, 5, 5);
    add(two, START + 3 * HOUR, 1, 9, 1);
    assertThat(matured.blocks(CLICKS))
        .extracting(Block::epoch, Block::units)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0, 1_000L),
            org.assertj.core.groups.Tuple.tuple(0, 10L),
            org.assertj.core.groups.Tuple.tuple(1, 10L));
    // What the old epoch still brings has a block of its own.
    add(two, START + 4 * HOUR, 0, 20, 0);
    add(two, START + 5 * HOUR, 1, 18, 2);
    assertThat(matured.blocks(CLICKS)).extracting(Block::epoch).containsExactly(0, 0, 1, 0, 1);
  }

  /** Some 900 blocks to ten million million units, however small the steps. */
  @Test
  void thereAreFewBlocksHoweverManyUnits() {
    for (long units = 100; units < 1_000_000_000_000L; units += Math.max(2, units / 50)) {
      add(units / 100 + 1, units / 100 + 1);
    }
    assertThat(matured.blocks(CLICKS)).hasSizeBetween(400, 1_000);
  }

  /** The block of its step, not the one that is open: as if it had come in time. */
  @Test
  void aLateFactCorrectsTheBlockOfItsStep() {
    add(100, 100);
    long first = step;
    add(200, 200);
    Map<Cell, Tally> late = Map.of(new Cell(0, 1, CLICKS), Tally.of(3, 2));
    matured = matured.with(new TreeMap<>(Map.of(first, Totals.of(late))));
    assertThat(matured.blocks(CLICKS).get(0).arms().get(1)).isEqualTo(new BinaryCounts(103, 12));
    assertThat(matured.blocks(CLICKS).get(1).arms().get(1)).isEqualTo(new BinaryCounts(200, 20));
    assertThat(matured.totals().get(0, 1, CLICKS)).isEqualTo(Tally.of(303, 32));
  }

  /** Changes of one step in any order and grouping, and late ones, give the same blocks. */
  @Property(tries = 100)
  void blocksDependOnStepsAlone(@ForAll long seed) {
    Random random = new Random(seed);
    List<Map.Entry<Long, Totals>> changes = new ArrayList<>();
    for (int hour = 1; hour <= 40; hour++) {
      for (int part = 0; part < 3; part++) {
        long units = random.nextInt(40);
        Cell cell = new Cell(0, random.nextInt(2), random.nextInt(2));
        changes.add(
            Map.entry(START + hour * HOUR, Totals.of(Map.of(cell, Tally.of(units, units / 3)))));
      }
    }
    ExperimentProgress ordered = play(changes);
    Collections.shuffle(changes, random);
    assertThat(play(changes)).isEqualTo(ordered);
  }

  private static ExperimentProgress play(List<Map.Entry<Long, Totals>> changes) {
    ExperimentProgress progress = ExperimentProgress.START;
    for (Map.Entry<Long, Totals> change : changes) {
      progress = progress.with(new TreeMap<>(Map.of(change.getKey(), change.getValue())));
    }
    ExperimentEvaluator evaluator = new ExperimentEvaluator(PLAN);
    for (int hour = 1; hour <= 40; hour++) {
      progress = progress.evaluated(evaluator, START + hour * HOUR, hour);
    }
    return progress;
  }
}
