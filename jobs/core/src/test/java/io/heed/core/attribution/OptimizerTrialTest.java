package io.heed.core.attribution;

import static io.heed.core.attribution.Facts.DAY;
import static io.heed.core.attribution.Facts.HOUR;
import static io.heed.core.attribution.Facts.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.model.Assignment;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a list's optimizer earns against its control, and when it is stopped. */
class OptimizerTrialTest {
  private static final String KEY = "optimizer|list|1";
  private static final int PEOPLE = 400;
  private static final long SUBSCRIBER = 3_000_000;

  private final List<Event> events = new ArrayList<>();

  private static TestingJob job(String more) throws Exception {
    TestingJob job = new TestingJob();
    job.policies.add(
        new ConfigVersion(
            "policy",
            "p",
            "h",
            0,
            0,
            "id: p\noptimise: {mode: test, margin: 0.25%s}\n".formatted(more)));
    return job;
  }

  private void enter(int i, long at) {
    events.add(
        new Assignment(
            "a" + i,
            START + at,
            "r" + i,
            KEY,
            i % 2 == 0 ? "optimised" : "control",
            500_000,
            SUBSCRIBER));
  }

  private void text(int i, long at, int messages) {
    for (int m = 0; m < messages; m++) {
      String id = "m" + i + "-" + m;
      events.add(Facts.send(at + m * HOUR, "r" + i, id, "c"));
      events.add(Facts.delivered(at + m * HOUR + 1, "r" + i, id));
    }
  }

  private void leave(int i, long at) {
    events.add(
        i % 3 == 0
            ? new Reply("p" + i, START + at, "r" + i, null, "STOP")
            : new OptOut("o" + i, START + at, "r" + i, "list", OptOutMethod.WEB, null));
  }

  /** Everybody enters on one day; of each arm some buy and some leave. */
  private void world(int optimisedBuy, int controlBuy, int optimisedLeave, int controlLeave) {
    for (int i = 0; i < PEOPLE; i++) {
      boolean optimised = i % 2 == 0;
      enter(i, HOUR + i);
      text(i, HOUR + i, optimised ? 2 : 4);
      if (i / 2 % 10 < (optimised ? optimisedBuy : controlBuy)) {
        events.add(Facts.purchase(2 * DAY + i, "r" + i, "b" + i, 8_000_000));
      }
      if ((i / 2 + 5) % 10 < (optimised ? optimisedLeave : controlLeave)) {
        leave(i, DAY + i);
      }
    }
  }

  private static void play(TestingJob job, List<Event> events, int days) {
    events.forEach(job::process);
    for (int day = 0; day <= days; day++) {
      job.advance(START + day * DAY);
    }
  }

  private static IncrementalLiftRow last(TestingJob job, LiftMetric metric) {
    List<IncrementalLiftRow> rows =
        job.lift.stream().filter(row -> row.metric().equals(metric.text())).toList();
    return rows.get(rows.size() - 1);
  }

  private static ExperimentDecision last(TestingJob job) {
    return job.trials.get(job.trials.size() - 1);
  }

  @Test
  void aDayThatIsClosedAgainAfterARestartGivesTheSameDecision() throws Exception {
    world(8, 1, 1, 2);
    TestingJob first = job("");
    play(first, events, 20);
    TestingJob again = job("");
    again.clockMicros = 1_750_000_000_000_000L;
    play(again, events, 20);
    assertThat(again.trials)
        .extracting(ExperimentDecision::decisionId)
        .isEqualTo(first.trials.stream().map(ExperimentDecision::decisionId).toList())
        .isNotEmpty();
    assertThat(last(again).seq()).isGreaterThan(last(first).seq());
  }

  @Test
  void netValueIsMarginLessCostLessTheSubscribersThatLeft() throws Exception {
    world(8, 1, 1, 2);
    // Not of this window: an opt-out before the exposure, one after it, and a late message.
    leave(0, HOUR - 1);
    leave(2, 9 * DAY);
    text(4, 9 * DAY, 1);
    TestingJob job = job("");
    play(job, events, 11);
    IncrementalLiftRow net = last(job, LiftMetric.NET_VALUE);
    assertThat(net.experimentId()).isEqualTo(KEY);
    assertThat(net.variantId()).isEqualTo("optimised");
    assertThat(net.recipients()).isEqualTo(PEOPLE / 2);
    assertThat(net.holdoutRecipients()).isEqualTo(PEOPLE / 2);
    assertThat(net.mean()).isEqualTo(0.8 * 2_000_000 - 2 * 7_900 - 0.1 * SUBSCRIBER);
    assertThat(net.holdoutMean()).isEqualTo(0.1 * 2_000_000 - 4 * 7_900 - 0.2 * SUBSCRIBER);
    assertThat(net.effect()).isCloseTo(net.mean() - net.holdoutMean(), within(1e-6));
    assertThat(net.effectLower()).isPositive().isLessThan(net.effect());
    IncrementalLiftRow optOuts = last(job, LiftMetric.OPT_OUT);
    assertThat(optOuts.mean()).isEqualTo(0.1);
    assertThat(optOuts.holdoutMean()).isEqualTo(0.2);
    assertThat(last(job, LiftMetric.REVENUE).mean()).isEqualTo(0.8 * 8_000_000);
    ExperimentDecision running = last(job);
    assertThat(running.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(running.isFinal()).isFalse();
    assertThat(running.experimentId()).isEqualTo(KEY);
    assertThat(running.allocation()).containsEntry("control", 0.5).containsEntry("optimised", 0.5);
    assertThat(running.variants().get(0).effectLower()).isEqualTo(net.effectLower());
    assertThat(running.variants().get(0).successes()).isEqualTo(160);
  }

  @Test
  void harmIsStoppedForGood() throws Exception {
    world(2, 7, 3, 1);
    TestingJob job = job("");
    play(job, events, 9);
    ExperimentDecision stopped = last(job);
    assertThat(stopped.state()).isEqualTo(ExperimentState.STOPPED_HARM);
    assertThat(stopped.isFinal()).isTrue();
    assertThat(stopped.reasons()).containsExactly(ReasonCode.GUARDRAIL_BREACHED);
    assertThat(stopped.allocation()).containsExactly(Map.entry("control", 1.0));
    assertThat(stopped.effectiveFrom()).isEqualTo(stopped.decidedAt() + HOUR);
    // Luck on later days does not start it again, and the ledger keeps it.
    events.clear();
    for (int i = PEOPLE; i < 2 * PEOPLE; i++) {
      enter(i, 10 * DAY + i);
      if (i % 2 == 0) {
        events.add(Facts.purchase(11 * DAY, "r" + i, "b" + i, 80_000_000));
      }
    }
    play(job, events, 19);
    assertThat(last(job).decidedAt()).isGreaterThan(stopped.decidedAt());
    assertThat(last(job).state()).isEqualTo(ExperimentState.STOPPED_HARM);
  }

  @Test
  void moreOptOutsThanTheControlsStopItOnlyWhereThePolicyKeepsThem() throws Exception {
    world(9, 1, 6, 2);
    TestingJob free = job("");
    play(free, events, 9);
    assertThat(last(free, LiftMetric.OPT_OUT).effectLower()).isPositive();
    assertThat(last(free).state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(last(free).guardrails().get(0).harmed()).isTrue();
    TestingJob constrained = job(", opt_outs: at_most_control");
    play(constrained, events, 9);
    assertThat(last(constrained).state()).isEqualTo(ExperimentState.STOPPED_HARM);
  }

  @Test
  void doesNotDependOnTheOrderNorOnDuplicates() throws Exception {
    world(6, 3, 1, 2);
    leave(2, 9 * DAY);
    TestingJob straight = job("");
    play(straight, events, 11);
    Collections.shuffle(events, new Random(3));
    events.addAll(List.copyOf(events.subList(0, 500)));
    TestingJob shuffled = job("");
    play(shuffled, events, 11);
    assertThat(shuffled.lift).isEqualTo(straight.lift).hasSizeGreaterThan(3);
    assertThat(shuffled.trials).isEqualTo(straight.trials);
  }

  @Test
  void whatIsKeptOfAPersonEnds() throws Exception {
    world(6, 3, 1, 2);
    TestingJob job = job("");
    play(job, events, 11);
    assertThat(job.histories).hasSize(PEOPLE);
    job.advance(START + 200 * DAY);
    assertThat(job.histories).isEmpty();
  }

  /** Other tests know nothing of opt-outs and net value. */
  @Test
  void otherExperimentsHaveNoSuchRows() throws Exception {
    for (int i = 0; i < PEOPLE; i++) {
      if (i % 2 == 0) {
        events.add(Facts.assignment(HOUR, "r" + i, "x", "none"));
      } else {
        events.add(Facts.send(HOUR, "r" + i, "m" + i, "c", "x", "a"));
      }
      events.add(Facts.purchase(2 * HOUR, "r" + i, "b" + i, 1_000_000));
      leave(i, DAY);
    }
    TestingJob job = job("");
    play(job, events, 9);
    assertThat(job.lift)
        .extracting(IncrementalLiftRow::metric)
        .containsExactlyInAnyOrder("purchase", "converting", "revenue");
    assertThat(job.trials).isEmpty();
  }
}
