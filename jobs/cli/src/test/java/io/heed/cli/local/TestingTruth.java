package io.heed.cli.local;

import io.heed.sim.Arrival;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.ListHealthTruth;
import io.heed.sim.Scenario;
import io.heed.sim.Simulation;
import io.heed.sim.Truth;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What readers of the warehouse see of a simulated history if nothing is lost, doubled or wrong.
 */
public final class TestingTruth {
  private static final String EVENTS =
      "SELECT event_type, event_id, recipient_id, toUnixTimestamp64Milli(event_time) FROM events"
          + " WHERE startsWith(event_id, '%s')";

  private static final String LIST_HEALTH =
      "SELECT list_id, campaign_id, sum(sends), sum(delivered), sum(undelivered), sum(clicks),"
          + " sum(clickers), sum(scanner_clicks), sum(replies), sum(opt_outs), sum(complaints),"
          + " sum(opt_ins), sum(cost_micros) FROM list_health WHERE window_seconds = 86400"
          + " GROUP BY list_id, campaign_id";

  private final Simulation simulation;
  private final Truth truth;
  private final List<Arrival> trace;

  /**
   * A history of what happened.
   *
   * @param start where it ends, epoch milliseconds
   */
  public TestingTruth(Scenario scenario, long start) {
    simulation = new Simulation(scenario, start);
    truth = new Truth(simulation, scenario);
    trace = simulation.history().toList();
    trace.forEach(truth::published);
  }

  /** The history, in the order in which it arrives. */
  public List<Arrival> trace() {
    return trace;
  }

  /** By query, the rows that it gives in any order, columns separated by bars. */
  public Map<String, List<String>> rows() {
    return Map.of(
        EVENTS.formatted(simulation.eventPrefix()),
        facts(),
        "SELECT raw FROM dead_letter",
        broken(),
        LIST_HEALTH,
        totals(),
        "SELECT sum(sends) FROM send_cohort WHERE campaign_id != ''",
        List.of("" + sends()));
  }

  /** Each but the copies; the history has some older than the horizon, which count as well. */
  private List<String> facts() {
    return trace.stream()
        .filter(a -> a.nature() != Nature.BROKEN && a.nature() != Nature.DUPLICATE)
        .map(
            a ->
                String.join(
                    "|",
                    a.topic().shortName(),
                    a.event().eventId(),
                    a.event().recipientId(),
                    "" + a.event().eventTime()))
        .toList();
  }

  private List<String> broken() {
    return trace.stream()
        .filter(a -> a.nature() == Nature.BROKEN)
        .map(a -> a.value() == null ? "" : Base64.getEncoder().encodeToString(a.value()))
        .toList();
  }

  private List<String> totals() {
    return truth.summary().listHealth().stream()
        .map(
            row ->
                row.listId()
                    + "|"
                    + row.campaignId()
                    + row.metrics().values().stream()
                        .map(value -> "|" + value)
                        .collect(Collectors.joining()))
        .toList();
  }

  private long sends() {
    return truth.summary().listHealth().stream()
        .filter(row -> row.campaignId().isEmpty())
        .mapToLong(ListHealthTruth.Row::sends)
        .sum();
  }
}
