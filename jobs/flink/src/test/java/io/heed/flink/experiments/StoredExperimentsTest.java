package io.heed.flink.experiments;

import static io.heed.flink.experiments.TestingTraffic.DAY;
import static io.heed.flink.experiments.TestingTraffic.START;
import static io.heed.flink.experiments.TestingTraffic.experiment;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.flink.streaming.TestingStates;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** The job that starts from a stored checkpoint goes on as if it had never stopped. */
class StoredExperimentsTest {
  private static final List<ConfigVersion> KNOWN = List.of(experiment("e", ""));
  private static final long CHECKPOINT = START + DAY / 2;

  private static List<Event> events(boolean before) {
    List<Event> events = new TestingTraffic(7).recipients("e", 200, 0.1, 0.2, 1, 2);
    return events.stream()
        .filter(event -> event.eventTime() < CHECKPOINT == before)
        .sorted(Comparator.comparingLong(Event::eventTime))
        .toList();
  }

  private static void play(TestingPipeline pipeline, boolean before) throws Exception {
    for (Event event : events(before)) {
      pipeline.event(event);
    }
    pipeline.watermark(before ? CHECKPOINT : START + 10 * DAY);
  }

  private static OperatorSubtaskState store(boolean ofRecipients) throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(() -> KNOWN)) {
      play(pipeline, true);
      return pipeline.checkpoint().get(ofRecipients ? 0 : 1);
    }
  }

  private static List<String> trail(TestingPipeline pipeline) {
    return pipeline.published(ExperimentDecision.class).stream()
        .filter(decision -> decision.decidedAt() > CHECKPOINT)
        .map(decision -> decision.decidedAt() + " " + decision.decisionId())
        .toList();
  }

  @Test
  void decisionsAreThoseOfAJobThatNeverStopped() throws Exception {
    List<String> straight;
    try (TestingPipeline pipeline = new TestingPipeline(() -> KNOWN)) {
      play(pipeline, true);
      play(pipeline, false);
      straight = trail(pipeline);
    }
    OperatorSubtaskState recipients =
        TestingStates.stored("experiments-recipients-v1", () -> store(true));
    OperatorSubtaskState evaluations =
        TestingStates.stored("experiments-evaluations-v1", () -> store(false));
    try (TestingPipeline pipeline =
        new TestingPipeline(() -> KNOWN, List.of(recipients, evaluations))) {
      assertThat(pipeline.recipientsInState()).isPositive();
      assertThat(pipeline.experimentsInState()).isEqualTo(1);
      play(pipeline, false);
      assertThat(trail(pipeline)).isEqualTo(straight).hasSizeGreaterThan(10);
    }
    assertThat(events(true)).hasSizeGreaterThan(50);
  }
}
