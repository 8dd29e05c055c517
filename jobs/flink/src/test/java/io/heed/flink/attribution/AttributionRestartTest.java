package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.flink.streaming.TestingErasures;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators are killed at random, and go on from the last checkpoint with what came since. */
class AttributionRestartTest {
  private static final long LATENESS = 3_600_000L;
  private static final long CLOCK = 1_760_000_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sameRowsWhetherInterruptedOrNot(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> events = TestEvents.random(random, 6, 150);
    Written undisturbed = play(events, random, 0);
    List<Event> disordered = TestEvents.disordered(events, random, LATENESS);
    Written interrupted = play(disordered, random, 12);
    assertThat(interrupted.select()).isEqualTo(undisturbed.select());
    assertThat(undisturbed.credits("markov")).isNotEmpty();
  }

  @Test
  void aPolicyThatIsDatedBackRestatesWhatWasWritten() throws Exception {
    List<Event> events = TestEvents.random(new Random(5), 6, 100);
    ConfigVersion version =
        new ConfigVersion(
            "attribution",
            "attribution",
            "h",
            TestEvents.START + 5 * TestEvents.DAY,
            0,
            "windows:\n  other_channels: 1h\n  delivery: 2h\n");
    Written before = new Written();
    Written after = new Written();
    try (TestingPipeline early = new TestingPipeline(null, CLOCK, before::add);
        TestingPipeline late = new TestingPipeline(null, CLOCK, after::add)) {
      early.configure(version);
      for (Event event : events) {
        early.process(event);
        late.process(event);
      }
      assertThat(after.select()).isNotEqualTo(before.select());
      late.configure(version);
      early.advance(TestEvents.START + 100 * TestEvents.DAY);
      late.advance(TestEvents.START + 100 * TestEvents.DAY);
    }
    assertThat(after.select()).isEqualTo(before.select());
  }

  @Test
  void anErasedPersonLeavesNothing() throws Exception {
    long erasedAt = TestEvents.START + 20 * TestEvents.DAY;
    Written written = new Written();
    List<Event> events =
        TestEvents.random(new Random(7), 2, 60).stream()
            .filter(event -> event.eventTime() <= erasedAt)
            .toList();
    try (TestingPipeline pipeline = new TestingPipeline(null, CLOCK, written::add)) {
      for (Event event : events) {
        pipeline.process(event);
      }
      pipeline.advance(TestEvents.START + 10 * TestEvents.DAY);
      assertThat(pipeline.recipientsInState()).isPositive();
      for (Event event : events) {
        pipeline.process(TestingErasures.of(event.recipientId(), erasedAt));
      }
      assertThat(pipeline.recipientsInState()).isZero();
      assertThat(pipeline.waiting()).isZero();
      assertThat(pipeline.timers()).as("a timer would keep the id").isZero();
      for (Event event : events) {
        pipeline.process(event);
      }
      assertThat(pipeline.recipientsInState()).as("what comes again").isZero();
      pipeline.process(TestEvents.purchase(erasedAt + 1, "r0", "later", 1));
      assertThat(pipeline.recipientsInState()).as("a new person").isPositive();
    }
  }

  private static Written play(List<Event> events, Random random, int failures) throws Exception {
    Written written = new Written();
    List<OperatorSubtaskState> checkpoint = null;
    int from = 0;
    int failed = 0;
    long clock = CLOCK;
    while (true) {
      int until =
          failed < failures
              ? Math.min(events.size(), from + 1 + random.nextInt(events.size() / 6))
              : events.size();
      int checkpointAt = from + random.nextInt(until - from + 1);
      try (TestingPipeline pipeline = new TestingPipeline(checkpoint, clock, written::add)) {
        for (int i = from; i < until; i++) {
          if (i == checkpointAt && failures > 0) {
            checkpoint = pipeline.checkpoint();
            from = i;
          }
          pipeline.process(events.get(i));
          pipeline.advance(reached(events, i) - LATENESS);
        }
        if (until == events.size()) {
          pipeline.advance(TestEvents.START + 100 * TestEvents.DAY);
          return written;
        }
      }
      failed++;
      clock += 5_000;
    }
  }

  private static long reached(List<Event> events, int index) {
    return events.subList(0, index + 1).stream().mapToLong(Event::eventTime).max().orElseThrow();
  }
}
