package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.attribution.Attribution;
import io.heed.core.attribution.AttributionPolicies;
import io.heed.core.attribution.History;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.LiftFact;
import io.heed.core.attribution.LiftLedger;
import io.heed.core.attribution.LiftMetric;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.PathFact;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Category;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Effects.Effect;
import io.heed.sim.Scenario.Calendar;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.ContactList;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.People;
import io.heed.sim.Scenario.Variant;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The lift as it is found in simulated programmes, beside what their texts truly did: people buy of
 * their own accord as well, records come twice, late and broken, and every day is looked at.
 */
class LiftTruthTest {
  private static final int RUNS = 200;
  private static final int RECIPIENTS = 1_500;
  private static final long START = Instant.parse("2026-03-30T10:00:00Z").toEpochMilli();
  private static final long HORIZON = Duration.ofDays(35).toMillis();

  /**
   * @param truth purchases that the texts cause per recipient, on average
   */
  private record Run(double truth, IncrementalLiftRow lift) {
    boolean covers(double effect) {
      return lift.effectLower() <= effect && effect <= lift.effectUpper();
    }
  }

  @Test
  void intervalsCoverWhatTheTextsTrulyDid() {
    List<Run> runs = LongStream.range(0, RUNS).parallel().mapToObj(LiftTruthTest::run).toList();
    assertThat(runs.stream().filter(run -> run.covers(run.truth))).hasSizeGreaterThanOrEqualTo(181);
    assertThat(runs.stream().filter(run -> run.covers(run.truth + 0.25))).hasSizeLessThan(RUNS / 4);
    assertThat(runs)
        .allMatch(run -> run.truth > 0.05 && run.lift.holdoutMean() > 0.05)
        .allMatch(run -> run.lift.recipients() + run.lift.holdoutRecipients() > RECIPIENTS * 0.9);
  }

  private static Run run(long seed) {
    Simulation simulation = new Simulation(scenario(seed), START);
    IncrementalLiftRow lift = lift(simulation);
    Effect effect = simulation.effects().of("test", "text");
    return new Run(effect.expectedPurchases() / lift.recipients(), lift);
  }

  /** One text for everybody but a hold-out, early enough for the windows to pass. */
  private static Scenario scenario(long seed) {
    Scenario shipped = Scenarios.shipped("default");
    Calendar once =
        new Calendar(Duration.ofDays(1), null, LocalTime.of(13, 0), Duration.ofHours(3), 1);
    return new Scenario(
        "lift",
        seed,
        RECIPIENTS,
        1,
        Duration.ofDays(12),
        List.of(new ContactList("list", 1)),
        shipped.carriers(),
        shipped.regions(),
        shipped.languages(),
        List.of(
            new Campaign(
                "campaign", "list", Category.PROMOTIONAL, once, 0, false, null, 0, 1, 1, 1, 1)),
        List.of(
            new Experiment(
                "test",
                "campaign",
                Duration.ZERO,
                List.of(new Variant("text", 1, 1, 1, 1, 1)),
                0.3)),
        new People(0.25, 0.005, 0.015, 0.12, 0.6, 0.3, 2, 46_000_000, 0.06, 0.15, 0),
        shipped.disorder(),
        List.of());
  }

  private static IncrementalLiftRow lift(Simulation simulation) {
    AttributionPolicies policies = new AttributionPolicies();
    Attribution attribution = new Attribution(policies, HORIZON, () -> 0);
    Map<String, History> histories = new HashMap<>();
    Units units = new Units();
    simulation
        .history()
        .filter(arrival -> arrival.nature() != Nature.BROKEN)
        .filter(arrival -> arrival.nature() != Nature.TOO_LATE)
        .map(Arrival::event)
        .filter(Attribution::isRelevant)
        .forEach(
            event ->
                attribution.apply(
                    histories.computeIfAbsent(event.recipientId(), recipient -> new History()),
                    event,
                    Long.MIN_VALUE,
                    units));
    histories.forEach(
        (recipient, history) -> {
          if (history.timer() <= simulation.start()) {
            attribution.close(history, recipient, simulation.start(), units);
          }
        });
    List<IncrementalLiftRow> rows = new ArrayList<>();
    units.days.forEach(day -> units.ledger.close("test", day, policies, () -> 0, rows::add));
    return rows.stream()
        .filter(row -> row.metric().equals(LiftMetric.PURCHASE.text()))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** Keeps the units alone. */
  private static final class Units implements Attribution.Sink {
    private final LiftLedger ledger = new LiftLedger();
    private final TreeSet<Integer> days = new TreeSet<>();

    @Override
    public void unit(LiftFact unit) {
      days.add(ledger.add(LiftDelta.of(unit), 0));
    }

    @Override
    public void row(AttributionCreditRow row) {
      // Credit is another measure.
    }

    @Override
    public void markov(MarkovCredit credit) {
      // Credit is another measure.
    }

    @Override
    public void path(PathFact path) {
      // Credit is another measure.
    }
  }
}
