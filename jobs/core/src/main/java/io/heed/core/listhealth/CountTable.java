package io.heed.core.listhealth;

/** What counts are kept for: rows of the result tables, and series that alerts watch. */
public enum CountTable {
  /** One window of a list or of a campaign in it; see {@link ListHealth}. */
  LIST_HEALTH(13),
  /** What became of the sends of one hour of one campaign; see {@link Cohort}. */
  SEND_COHORT(11),
  /** The same by carrier and error class: messages, delivered, undelivered. */
  DELIVERY_HEALTH(3),
  /** The same by delay of the first response: messages. */
  RESPONSE_TIME(1),
  /** Watched: sends and opt-outs of a day's cohorts. */
  OPT_OUT_RATE(2),
  /** Watched: messages and delivered of an hour's cohorts, by carrier. */
  DELIVERY_RATE(2),
  /** Watched: sends and events of a topic. */
  SILENCE(2),
  /** Watched: sends and opt-outs of a scope. */
  SCOPE(2);

  private final int metrics;

  CountTable(int metrics) {
    this.metrics = metrics;
  }

  /** How many counts a row has. */
  public int metrics() {
    return metrics;
  }

  /** Whether alerts watch it, instead of people reading it. */
  public boolean watched() {
    return compareTo(OPT_OUT_RATE) >= 0;
  }

  /** Places of the counts of {@link #LIST_HEALTH}. */
  static final class ListHealth {
    static final int SENDS = 0;
    static final int DELIVERED = 1;
    static final int UNDELIVERED = 2;
    static final int CLICKS = 3;
    static final int CLICKERS = 4;
    static final int SCANNER_CLICKS = 5;
    static final int REPLIES = 6;
    static final int OPT_OUTS = 7;
    static final int COMPLAINTS = 8;
    static final int OPT_INS = 9;
    static final int COST = 10; // two counts, see Cost
    static final int READ = 12;

    private ListHealth() {}
  }

  /** Places of the counts of {@link #SEND_COHORT}. */
  static final class Cohort {
    static final int SENDS = 0;
    static final int DELIVERED = 1;
    static final int UNDELIVERED = 2;
    static final int CLICKERS = 3;
    static final int REPLIERS = 4;
    static final int OPT_OUTS = 5;
    static final int COMPLAINTS = 6;
    static final int CONVERTERS = 7;
    static final int COST = 8; // two counts, see Cost
    static final int READ = 10;

    private Cohort() {}
  }
}
