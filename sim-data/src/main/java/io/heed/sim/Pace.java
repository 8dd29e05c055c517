package io.heed.sim;

import java.time.Duration;

/**
 * How many texts to offer so that events come at the rate aimed at. A text brings events of its
 * own, receipts and clicks; how many, experience shows.
 */
public final class Pace {
  private static final long LESSON_MILLIS = Duration.ofSeconds(5).toMillis();
  private static final double GAIN = 0.3;
  private static final double AT_FIRST = 3.5;
  private static final double MOST = 20;

  private final int eventsPerSecond;
  private double eventsPerText = AT_FIRST;
  private double due;
  private long last;
  private long lessonSince;
  private long lessonEvents;

  public Pace(int eventsPerSecond, long now) {
    this.eventsPerSecond = eventsPerSecond;
    this.last = now;
    this.lessonSince = now;
  }

  /** Events have come. */
  public void came(int events) {
    lessonEvents += events;
  }

  /** Texts to offer now. */
  public int due(long now) {
    due += (now - last) / 1_000.0 * eventsPerSecond / eventsPerText;
    last = now;
    if (eventsPerSecond > 0 && now - lessonSince >= LESSON_MILLIS) {
      double came = lessonEvents * 1_000.0 / (now - lessonSince) / eventsPerSecond;
      double correction = 1 + GAIN * (Math.min(2, Math.max(0.5, came)) - 1);
      eventsPerText = Math.min(MOST, Math.max(1, eventsPerText * correction));
      lessonSince = now;
      lessonEvents = 0;
    }
    int whole = (int) due;
    due -= whole;
    return whole;
  }
}
