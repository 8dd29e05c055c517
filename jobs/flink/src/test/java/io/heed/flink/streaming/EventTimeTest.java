package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTimeTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long HORIZON = 35 * DAY;
  private static final long IDLE = 10_000;
  private static final long NOW = 1_750_000_000_000L;

  private final TopicCodec codec = new TopicCodec();
  private final EventTime time = started(new EventTime(HOUR, HORIZON, IDLE), NOW);
  private long offset;

  @Test
  void givesNoWatermarkUntilABacklogWouldHaveArrived() {
    EventTime fresh = new EventTime(HOUR, HORIZON, IDLE);
    fresh.advance(NOW);
    fresh.observe(live(0, NOW), NOW);
    assertThat(fresh.advance(NOW + IDLE - 1)).isEqualTo(EventTime.UNKNOWN);
    fresh.observe(live(0, NOW + IDLE - 1), NOW + IDLE - 1);
    assertThat(fresh.advance(NOW + IDLE)).isEqualTo(NOW + IDLE - 1 - HOUR);
  }

  @Test
  void theSlowestPartitionThatSpeaksHoldsTimeBack() {
    time.observe(event(Topic.REPLY, 0, NOW - 3 * DAY, NOW), NOW);
    time.observe(event(Topic.REPLY, 1, NOW - 5 * DAY, NOW), NOW);
    assertThat(time.advance(NOW)).isEqualTo(NOW - 5 * DAY - HOUR);
  }

  @Test
  void aProducerWhoseClockRunsAheadDoesNotMoveTimeAhead() {
    time.observe(event(Topic.REPLY, 0, NOW + 20 * HOUR, NOW), NOW);
    assertThat(time.advance(NOW)).isEqualTo(NOW - HOUR);
  }

  @Test
  void inSilenceAfterLiveTrafficTimeFollowsTheWallClock() {
    time.observe(live(0, NOW), NOW);
    assertThat(time.advance(NOW + IDLE)).isEqualTo(NOW - HOUR);
    assertThat(advanceTo(NOW, NOW + DAY)).isEqualTo(NOW + DAY - HOUR);
  }

  @Test
  void inSilenceAfterABackFillTimeStandsStill() {
    time.observe(event(Topic.REPLY, 0, NOW - 100 * DAY, NOW), NOW);
    assertThat(time.advance(NOW)).isEqualTo(NOW - 100 * DAY - HOUR);
    assertThat(advanceTo(NOW, NOW + DAY)).isEqualTo(EventTime.UNKNOWN);
  }

  @Test
  void aTimeMarkMovesTimeOnceTheBackFillIsSilentAndLiveTrafficGoesOnAfterIt() {
    time.observe(event(Topic.REPLY, 0, NOW - 100 * DAY, NOW), NOW);
    time.observe(mark(NOW - 60 * DAY), NOW);
    assertThat(time.advance(NOW)).isEqualTo(NOW - 100 * DAY - HOUR);
    assertThat(advanceTo(NOW, NOW + HOUR)).isEqualTo(NOW - 60 * DAY - HOUR);
    time.observe(live(0, NOW + HOUR), NOW + HOUR);
    assertThat(time.advance(NOW + HOUR)).isEqualTo(NOW);
  }

  @Test
  void neverGoesBack() {
    time.observe(live(0, NOW), NOW);
    time.advance(NOW);
    time.observe(event(Topic.REPLY, 1, NOW - 3 * DAY, NOW), NOW);
    assertThat(time.advance(NOW)).isEqualTo(NOW - HOUR);
  }

  @Test
  void whatIsOlderThanTheHorizonIsLate() {
    assertThat(time.observe(live(0, NOW), NOW)).isFalse();
    assertThat(time.observe(event(Topic.REPLY, 0, NOW - HORIZON, NOW), NOW)).isFalse();
    assertThat(time.observe(event(Topic.REPLY, 0, NOW - HORIZON - 1, NOW), NOW)).isTrue();
  }

  @Test
  void aFirstOldEventOfAQuietPartitionIsLateByTheWatermarkOfTheOthers() {
    time.observe(live(0, NOW), NOW);
    time.advance(NOW);
    assertThat(time.observe(event(Topic.REPLY, 1, NOW - HORIZON - HOUR - 1, NOW), NOW)).isTrue();
  }

  @Test
  void keepsOverARestartThatTheLastEventWasLive() {
    time.observe(live(0, NOW), NOW);
    EventTime restarted = new EventTime(HOUR, HORIZON, IDLE);
    restarted.restore(time.snapshot());
    restarted.advance(NOW + DAY);
    assertThat(restarted.advance(NOW + DAY + IDLE)).isEqualTo(NOW + DAY + IDLE - HOUR);
  }

  @Test
  void ofTwoMemoriesOfOnePartitionTheOneThatHadComeFurtherHolds() {
    EventTime restarted = new EventTime(HOUR, HORIZON, IDLE);
    restarted.restore(
        List.of(
            new EventTime.Observed("sms.reply", 0, 9, NOW, false),
            new EventTime.Observed("sms.reply", 0, 5, NOW, true)));
    assertThat(restarted.snapshot())
        .containsExactly(new EventTime.Observed("sms.reply", 0, 9, NOW, false));
  }

  @Test
  void aPauseOfTheTaskItselfIsNotTakenForSilence() {
    time.observe(event(Topic.REPLY, 0, NOW - 3 * DAY, NOW), NOW);
    time.observe(live(1, NOW), NOW);
    time.advance(NOW);
    // Held up for an hour: without care both would be idle, and the live one would pull time ahead.
    assertThat(time.advance(NOW + HOUR)).isEqualTo(NOW - 3 * DAY - HOUR);
  }

  /** As a consumer does that gives out what it holds of one partition before it goes on. */
  @Test
  void aPartitionBehindTheBacklogOfAnotherIsNotIdle() {
    EventTime slow = new EventTime(HOUR, HORIZON, IDLE);
    slow.restore(List.of(new EventTime.Observed("sms.reply", 1, 0, NOW - 9 * DAY, false)));
    long clock = NOW + HOUR;
    for (int i = 0; i < 20; i++) {
      slow.observe(event(Topic.REPLY, 0, NOW - 2 * DAY, NOW), clock);
      assertThat(slow.advance(clock))
          .as("nothing is known of the others")
          .isEqualTo(EventTime.UNKNOWN);
      clock += IDLE / 5;
    }
    slow.observe(event(Topic.REPLY, 1, NOW - 8 * DAY, NOW), clock);
    assertThat(slow.advance(clock)).isEqualTo(EventTime.UNKNOWN);
    // What is read now is fresh: a partition that is silent from here on has nothing more.
    for (int i = 0; i < 5; i++) {
      clock += IDLE / 5;
      slow.observe(live(0, clock), clock);
      slow.advance(clock);
    }
    clock += IDLE;
    slow.observe(live(0, clock), clock);
    assertThat(slow.advance(clock)).isEqualTo(clock - HOUR);
  }

  @Test
  void aPartitionThatEndedEarlyDoesNotHoldUpABackFillForEver() {
    time.observe(event(Topic.REPLY, 1, NOW - 9 * DAY, NOW - DAY), NOW);
    long clock = NOW;
    for (long i = 0; i <= EventTime.MOST_HELD; i++) {
      clock = NOW + i / 20;
      time.observe(event(Topic.REPLY, 0, NOW - 2 * DAY, NOW - DAY), clock);
      if (i % 4_000 == 0) {
        assertThat(time.advance(clock)).isEqualTo(NOW - 9 * DAY - HOUR);
      }
    }
    assertThat(time.advance(clock)).isEqualTo(NOW - 2 * DAY - HOUR);
  }

  /** Looks at the clock in the steps of the operator's timer. */
  private long advanceTo(long from, long to) {
    long watermark = EventTime.UNKNOWN;
    for (long now = from; now <= to; now += 5_000) {
      watermark = time.advance(now);
    }
    return watermark;
  }

  private static EventTime started(EventTime time, long now) {
    time.advance(now - IDLE);
    time.advance(now);
    return time;
  }

  private Input live(int partition, long at) {
    return event(Topic.REPLY, partition, at, at);
  }

  private Input event(Topic topic, int partition, long eventTime, long appendTime) {
    return input(
        topic,
        partition,
        appendTime,
        "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r\",\"body\":\"b\"}"
            .formatted(eventTime));
  }

  private Input mark(long at) {
    return input(Topic.TIME_MARK, 0, NOW, "{\"event_time\":%d}".formatted(at));
  }

  private Input input(Topic topic, int partition, long appendTime, String json) {
    byte[] value = json.getBytes(StandardCharsets.UTF_8);
    Input input = Input.decode(codec, topic, partition, offset++, appendTime, null, value);
    assertThat(input.unreadable()).isNull();
    return input;
  }
}
