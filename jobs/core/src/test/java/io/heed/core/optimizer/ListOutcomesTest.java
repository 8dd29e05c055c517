package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ListOutcomesTest {
  private static final OptimiseSettings SETTINGS = OptimiseSettings.uncapped(1, 10_000);
  private static final int DAYS = 12;

  @Property(tries = 5)
  void partsGiveTheSameModelInAnyOrder(@ForAll long seed) {
    List<ListOutcomes> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      parts.add(TestingList.outcomes(seed + part, DAYS, 0.2));
    }
    ListOutcomes inOrder = new ListOutcomes();
    parts.forEach(inOrder::merge);
    Collections.shuffle(parts, new Random(seed));
    ListOutcomes shuffled = new ListOutcomes();
    parts.forEach(shuffled::merge);
    assertThat(TestingList.model(shuffled, DAYS, SETTINGS).version())
        .isEqualTo(TestingList.model(inOrder, DAYS, SETTINGS).version());
  }

  @Property(tries = 50)
  void cellsComeBackFromTheirBytes(@ForAll long seed) throws BinaryException {
    Random random = new Random(seed);
    OutcomeCells cells = new OutcomeCells();
    for (int i = random.nextInt(200); i > 0; i--) {
      cells.add(
          random.nextInt(Cell.COUNT),
          Measure.values()[random.nextInt(Measure.values().length)],
          random.nextLong() >> random.nextInt(64));
    }
    BinaryWriter out = new BinaryWriter();
    cells.write(out);
    BinaryReader in = new BinaryReader(out.toByteArray());
    assertThat(OutcomeCells.read(in)).isEqualTo(cells);
    in.expectEnd();
  }

  @Property(tries = 50)
  void countsAreWhatWasAddedWhetherFewOrMany(@ForAll long seed) {
    Random random = new Random(seed);
    int measures = Measure.values().length;
    long[] expected = new long[Cell.COUNT * measures];
    OutcomeCells cells = new OutcomeCells();
    for (int i = random.nextInt(120); i > 0; i--) {
      int place = random.nextInt(random.nextBoolean() ? 30 : expected.length);
      long amount = random.nextInt(9) - 4L;
      expected[place] += amount;
      cells.add(place / measures, Measure.values()[place % measures], amount);
    }
    for (int place = 0; place < expected.length; place++) {
      assertThat(cells.get(place / measures, Measure.values()[place % measures]))
          .isEqualTo(expected[place]);
    }
    OutcomeCells twice = new OutcomeCells();
    twice.merge(cells);
    twice.merge(cells);
    for (Measure measure : Measure.values()) {
      assertThat(twice.total(measure)).isEqualTo(2 * cells.total(measure));
    }
  }

  /** However many campaigns and tags somebody makes up. */
  @Test
  void campaignsAndTagsAreBoundedInWhateverOrderTheyCome() {
    List<ListOutcomes> parts = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      ListOutcomes part = new ListOutcomes();
      String id = "c" + i % 2_300;
      CampaignTally tally = part.campaign(id, List.of("t".repeat(100) + id));
      tally.addRequest(TestingList.FIRST_DAY * 1440L);
      tally.addMessage(TestingList.FIRST_DAY * 1440L, 50_000 + i, 4_000);
      part.cells(id, TestingList.FIRST_DAY).get(HalfLife.SEVEN_DAYS).add(0, Measure.MESSAGES, 1);
      parts.add(part);
    }
    ListOutcomes inOrder = new ListOutcomes();
    parts.forEach(inOrder::merge);
    Collections.shuffle(parts, new Random(1));
    ListOutcomes shuffled = new ListOutcomes();
    parts.forEach(shuffled::merge);
    assertThat(inOrder.campaigns()).hasSize(CampaignBound.KEPT + 1);
    assertThat(inOrder.totals()).containsEntry(Measure.MESSAGES, 2_500L);
    assertThat(inOrder.campaigns().values().stream().mapToLong(CampaignTally::requests).sum())
        .isEqualTo(2_500);
    ValueModel model = TestingList.model(inOrder, 1, SETTINGS);
    assertThat(TestingList.model(shuffled, 1, SETTINGS).version()).isEqualTo(model.version());
    BinaryWriter out = new BinaryWriter();
    model.write(out);
    assertThat(out.length()).isLessThan(60_000);
  }

  @Test
  void comesBackFromItsBytesAndGoesOnAlike() throws BinaryException {
    ListOutcomes outcomes = TestingList.outcomes(7, DAYS, 0.2);
    outcomes.lift().addUnit(true, 2, 5_000_000);
    outcomes.lift().addUnit(false, 1, -40_000);
    outcomes
        .marginCells(TestingList.FIRST_DAY)
        .get(HalfLife.SEVEN_DAYS)
        .add(3, Measure.MARGIN_MICROS, -9);
    TestingList.model(outcomes, DAYS / 2, SETTINGS);
    BinaryWriter out = new BinaryWriter();
    outcomes.write(out);
    BinaryReader in = new BinaryReader(out.toByteArray());
    ListOutcomes read = ListOutcomes.read(in);
    in.expectEnd();
    BinaryWriter again = new BinaryWriter();
    read.write(again);
    assertThat(again.toByteArray()).isEqualTo(out.toByteArray());
    int day = TestingList.FIRST_DAY + DAYS;
    assertThat(ModelBuilder.close(read, day, SETTINGS, 5, null).version())
        .isEqualTo(ModelBuilder.close(outcomes, day, SETTINGS, 5, null).version());
  }

  @Test
  void moneyCountsAfterSevenDays() {
    ListOutcomes outcomes = new ListOutcomes();
    int sent = TestingList.FIRST_DAY;
    outcomes.marginCells(sent).get(HalfLife.SEVEN_DAYS).add(3, Measure.MARGIN_MICROS, 70);
    ModelBuilder.close(outcomes, sent + 6, SETTINGS, 0, null);
    assertThat(margin(outcomes, sent)).isZero();
    ModelBuilder.close(outcomes, sent + 7, SETTINGS, 0, null);
    assertThat(margin(outcomes, sent)).isEqualTo(70);
  }

  private static long margin(ListOutcomes outcomes, int day) {
    return outcomes.period(day / 28).get(HalfLife.SEVEN_DAYS).total(Measure.MARGIN_MICROS);
  }

  @Test
  void onlyWhatHasMaturedCounts() {
    ListOutcomes outcomes = TestingList.outcomes(1, 1, 0.2);
    ModelBuilder.close(outcomes, TestingList.FIRST_DAY + 2, SETTINGS, 0, null);
    assertThat(outcomes.messages()).isZero();
    ModelBuilder.close(outcomes, TestingList.FIRST_DAY + 3, SETTINGS, 0, null);
    assertThat(outcomes.messages()).isEqualTo(400);
  }
}
