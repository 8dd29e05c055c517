package io.heed.core.optimizer;

import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.List;
import java.util.Random;

/**
 * Outcomes of a small list, drawn: a person's clicks and opt-outs depend on the cell, campaigns
 * differ.
 */
final class TestingList {
  static final int FIRST_DAY = 20_500;

  private TestingList() {}

  /** Outcomes of some days; one campaign a day, hazards that grow by {@code slope} per bucket. */
  static ListOutcomes outcomes(long seed, int days, double slope) {
    Random random = new Random(seed);
    ListOutcomes outcomes = new ListOutcomes();
    for (int day = 0; day < days; day++) {
      String id = "c" + day;
      long minute = (FIRST_DAY + day) * 1440L + 600;
      CampaignTally tally = outcomes.campaign(id, List.of("kind-" + day % 3));
      for (int i = 0; i < 400; i++) {
        tally.addRequest(minute);
        int group = random.nextInt(Cell.BORNE * Cell.AFFINITY);
        int bucket = random.nextInt(Cell.FATIGUE);
        double click = 0.02 + 0.02 * (group % Cell.AFFINITY);
        double hazard = Math.min(0.5, 0.002 * Math.exp(slope * bucket));
        boolean clicked = random.nextDouble() < click;
        boolean left = random.nextDouble() < hazard;
        tally.addMessage(minute + i / 10, Math.round(1e6 * click), Math.round(1e6 * hazard));
        for (HalfLife halfLife : HalfLife.values()) {
          OutcomeCells cells = outcomes.cells(id, FIRST_DAY + day).get(halfLife);
          int cell = Cell.of(group, bucket);
          cells.add(cell, Measure.MESSAGES, 1);
          cells.add(cell, Measure.FATIGUE_MILLIS, Math.round(1000 * Cell.middle(bucket)));
          cells.add(cell, Measure.CLICKERS, clicked ? 1 : 0);
          cells.add(cell, Measure.OPT_OUTS, left ? 1 : 0);
        }
        if (clicked) {
          tally.addClicker();
          outcomes.delays().add(1 + random.nextInt(30));
          outcomes.lift().addClick();
          if (random.nextInt(4) == 0) {
            outcomes.lift().addCredit(8_000_000);
          }
        }
        if (left) {
          tally.addOptOut();
        }
      }
    }
    return outcomes;
  }

  /** The model after all days were closed one by one. */
  static ValueModel model(ListOutcomes outcomes, int days, OptimiseSettings settings) {
    ValueModel model = null;
    for (int day = 0; day < days; day++) {
      model = ModelBuilder.close(outcomes, FIRST_DAY + day, settings, 0, model);
    }
    return model;
  }
}
