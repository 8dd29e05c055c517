package io.heed.core.attribution;

import io.heed.core.codec.BinaryException;
import io.heed.core.gate.Optimise;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.IncrementalLiftRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The job without Flink: keeps compact histories, fires timers, closes days, and keeps what a plain
 * SELECT would return.
 */
final class TestingJob implements Attribution.Sink {
  static final long HORIZON = 35 * Days.MILLIS;

  final AttributionPolicies policies = new AttributionPolicies();
  final Map<String, byte[]> histories = new HashMap<>();
  final Map<String, AttributionCreditRow> written = new HashMap<>();
  final List<IncrementalLiftRow> lift = new ArrayList<>();
  final List<ExperimentDecision> trials = new ArrayList<>();

  /** The wall clock, by which rows have their versions. */
  long clockMicros;

  final TreeMap<Integer, TransitionCounts> counts = new TreeMap<>();
  final Map<Integer, Map<String, Double>> models = new HashMap<>();
  int rowsWritten;
  long evicted;

  private final Attribution attribution = new Attribution(policies, HORIZON, () -> 0);
  private final List<MarkovCredit> pending = new ArrayList<>();
  private final Map<String, LiftLedger> ledgers = new TreeMap<>();
  private long watermark = Long.MIN_VALUE;
  private int openDay;

  void process(Event event) {
    if (!Attribution.isRelevant(event)) {
      return;
    }
    History history = history(event.recipientId());
    if (attribution.apply(history, event, watermark, this)) {
      histories.put(event.recipientId(), HistoryCodec.write(history));
      evicted += history.evicted();
    }
    fireTimers();
  }

  History history(String recipient) {
    byte[] bytes = histories.get(recipient);
    try {
      return bytes == null ? new History() : HistoryCodec.read(bytes);
    } catch (BinaryException e) {
      throw new AssertionError(e);
    }
  }

  /** A version has come that may be dated back. */
  void restate() {
    for (String recipient : List.copyOf(histories.keySet())) {
      History history = history(recipient);
      if (attribution.restate(history, recipient, this)) {
        histories.put(recipient, HistoryCodec.write(history));
      }
    }
  }

  /** Event time reaches an instant. */
  void advance(long to) {
    watermark = to;
    for (String recipient : List.copyOf(histories.keySet())) {
      History history = history(recipient);
      if (history.timer() <= to) {
        attribution.close(history, recipient, to, this);
      }
      if (history.isEmpty()) {
        histories.remove(recipient);
      } else {
        histories.put(recipient, HistoryCodec.write(history));
      }
    }
    if (!counts.isEmpty()) {
      int last = counts.lastKey();
      for (int day = counts.firstKey(); day <= last && Days.end(day) <= to; day++) {
        models.computeIfAbsent(day, this::model);
      }
    }
    fireTimers();
    ledgers.forEach(
        (experiment, ledger) -> {
          while (!ledger.waiting.isEmpty() && Days.end(ledger.waiting.firstKey()) <= to) {
            int day = ledger.waiting.firstKey();
            List<IncrementalLiftRow> rows = new ArrayList<>();
            ledger.close(experiment, day, policies, () -> clockMicros, rows::add);
            lift.addAll(rows);
            if (Optimise.isKey(experiment)) {
              Duration hour = Duration.ofHours(1);
              trials.add(OptimizerTrial.decide(experiment, ledger, rows, policies, hour, 0));
            }
          }
        });
    // Aggregating operators receive event time last.
    openDay = Days.of(to);
  }

  private Map<String, Double> model(int day) {
    TransitionCounts trailing = new TransitionCounts();
    counts.subMap(day - MarkovModel.DAYS + 1, true, day, true).values().forEach(trailing::addAll);
    return MarkovModel.removalEffects(trailing);
  }

  private void fireTimers() {
    pending.removeIf(
        credit -> {
          boolean ready = Days.end(credit.modelDay()) <= watermark;
          if (ready) {
            credit.rows(day -> models.getOrDefault(day, Map.of()), this::row);
          }
          return ready;
        });
  }

  @Override
  public void row(AttributionCreditRow row) {
    rowsWritten++;
    written.merge(row.key(), row, (a, b) -> a.seq() > b.seq() ? a : b);
  }

  @Override
  public void markov(MarkovCredit credit) {
    pending.add(credit);
  }

  @Override
  public void path(PathFact path) {
    counts.computeIfAbsent(path.day(), day -> new TransitionCounts()).add(path);
  }

  @Override
  public void unit(LiftFact unit) {
    ledgers
        .computeIfAbsent(unit.experimentId(), id -> new LiftLedger())
        .add(LiftDelta.of(unit), openDay);
  }

  /** What a plain SELECT returns, without versions, in order. */
  List<AttributionCreditRow> select() {
    return written.values().stream()
        .filter(row -> row.credit().signum() > 0)
        .map(TestingJob::withoutVersion)
        .sorted(Comparator.comparing(AttributionCreditRow::key))
        .toList();
  }

  List<AttributionCreditRow> select(Model model) {
    return select().stream().filter(row -> row.model().equals(model.text())).toList();
  }

  private static AttributionCreditRow withoutVersion(AttributionCreditRow r) {
    return new AttributionCreditRow(
        r.table(),
        0,
        r.model(),
        r.conversionId(),
        r.kind(),
        r.recipientId(),
        r.touchIndex(),
        r.channel(),
        r.campaignId(),
        r.variantId(),
        r.touchTime(),
        r.conversionTime(),
        r.credit(),
        r.revenueMicros());
  }
}
