package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.FactCounter;
import io.heed.core.listhealth.FactReader;
import io.heed.core.listhealth.RecipientFacts;
import io.heed.core.listhealth.ResultRows;
import io.heed.core.listhealth.RowDeltas;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.SendCohortRow;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.ListHealthTruth.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The truth about list health against the rules that the job follows: two accounts of the same. */
class ListHealthTruthTest {
  private static final long START = Instant.parse("2026-03-30T10:00:00Z").toEpochMilli();
  private static final int DAY_SECONDS = (int) Duration.ofDays(1).toSeconds();

  @ParameterizedTest
  @ValueSource(strings = {"default", "opt-out-spike", "carrier-outage"})
  void bothAccountsAgree(String name) {
    Scenario scenario = Scenarios.shipped(name).with(23L, 3_000, null);
    Simulation simulation = new Simulation(scenario, START);
    Truth truth = new Truth(simulation, scenario);
    RowDeltas deltas = new RowDeltas();
    FactReader reader = new FactReader();
    RecipientFacts facts = new RecipientFacts();
    Map<String, byte[]> states = new HashMap<>();
    simulation
        .history()
        .forEach(
            arrival -> {
              truth.published(arrival);
              // What is broken or beyond the horizon does not reach the rules.
              if (arrival.event() != null && arrival.nature() != Nature.TOO_LATE) {
                add(reader.read(arrival.event()), arrival.event(), facts, states, deltas);
              }
            });
    Map<String, Map<String, Long>> expected =
        truth.summary().listHealth().stream()
            .collect(Collectors.toMap(ListHealthTruthTest::place, Row::metrics));
    assertThat(daily(deltas)).isEqualTo(new TreeMap<>(expected));
  }

  /** Of every send of the simulation: no receipt of its end within 72 hours, counted at once. */
  @Test
  void messagesWithoutAnEndAreUnknown() {
    Scenario scenario = Scenarios.shipped("carrier-outage").with(29L, 3_000, null);
    RowDeltas deltas = new RowDeltas();
    FactReader reader = new FactReader();
    RecipientFacts facts = new RecipientFacts();
    Map<String, byte[]> states = new HashMap<>();
    Map<String, Send> sends = new HashMap<>();
    Map<String, Long> ends = new HashMap<>();
    new Simulation(scenario, START)
        .history()
        .forEach(
            arrival -> {
              Event event = arrival.event();
              if (event == null || arrival.nature() == Nature.TOO_LATE) {
                return;
              }
              add(reader.read(event), event, facts, states, deltas);
              if (event instanceof Send send) {
                sends.merge(
                    send.messageId(), send, (a, b) -> a.eventTime() <= b.eventTime() ? a : b);
              } else if (event instanceof Delivery receipt
                  && receipt.status().compareTo(DeliveryStatus.UNKNOWN) > 0) {
                ends.merge(receipt.messageId(), receipt.eventTime(), Math::min);
              }
            });
    Map<String, Long> expected = new TreeMap<>();
    sends.forEach(
        (message, send) -> {
          long due = send.eventTime() + Duration.ofDays(3).toMillis();
          boolean open = ends.getOrDefault(message, Long.MAX_VALUE) > due;
          expected.merge(send.campaignId(), open ? 1L : 0L, Long::sum);
        });
    Map<String, Long> unknown = new TreeMap<>();
    deltas.drain(
        hour ->
            hour.forEach(
                (row, counts) -> {
                  if (row.table() == CountTable.SEND_COHORT) {
                    SendCohortRow settled = (SendCohortRow) ResultRows.of(row, counts, 1, true);
                    unknown.merge(row.campaign(), settled.unknown(), Long::sum);
                    SendCohortRow open = (SendCohortRow) ResultRows.of(row, counts, 1, false);
                    assertThat(open.unknown()).isZero();
                  }
                }),
        watched -> {});
    assertThat(unknown).isEqualTo(expected);
    assertThat(unknown.values().stream().mapToLong(n -> n).sum()).isPositive();
  }

  private static void add(
      Fact fact, Event event, RecipientFacts facts, Map<String, byte[]> states, RowDeltas deltas) {
    if (fact != null) {
      try {
        facts.load(states.get(event.recipientId()));
      } catch (BinaryException e) {
        throw new AssertionError(e);
      }
      new FactCounter(facts).add(fact, deltas);
      states.put(event.recipientId(), facts.toBytes());
    }
  }

  private static String place(Row row) {
    return row.listId() + "/" + row.campaignId();
  }

  private static Map<String, Map<String, Long>> daily(RowDeltas deltas) {
    List<String> metrics =
        List.copyOf(new Row("", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).metrics().keySet());
    Map<String, Map<String, Long>> totals = new TreeMap<>();
    deltas.drain(
        hour ->
            hour.forEach(
                (row, counts) -> {
                  if (row.table() == CountTable.LIST_HEALTH && row.seconds() == DAY_SECONDS) {
                    Map<String, Long> total =
                        totals.computeIfAbsent(
                            row.list() + "/" + row.campaign(), p -> new HashMap<>());
                    for (int i = 0; i < metrics.size(); i++) {
                      total.merge(metrics.get(i), counts[i], Long::sum);
                    }
                  }
                }),
        watched -> {});
    return totals;
  }
}
