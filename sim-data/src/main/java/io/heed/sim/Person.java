package io.heed.sim;

import io.heed.sim.Scenario.Carrier;
import io.heed.sim.Scenario.Region;
import java.time.Duration;

/** Somebody with a phone: what they are like, and what the sending system knows of them. */
final class Person {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final int SENDS_KEPT = 8;

  final String id;
  final Region region;
  final Carrier carrier;
  final String language;
  final String userAgent;

  // Factors on the propensities of the average person.
  final float click;
  final float optOut;
  final float reply;
  final float purchase;

  /** The number does not exist: nothing ever arrives. */
  final boolean invalid;

  // Bits by the index of the list or the experiment.
  private int lists;
  private int left;
  private boolean leftAll;
  private boolean unreachable;
  private int heldOut;

  private final long[] promotional = new long[SENDS_KEPT];
  private int sends;

  Person(
      String id,
      Region region,
      Carrier carrier,
      String language,
      String userAgent,
      Chance chance,
      boolean invalid) {
    this.id = id;
    this.region = region;
    this.carrier = carrier;
    this.language = language;
    this.userAgent = userAgent;
    this.click = chance.factor(0.8);
    this.optOut = chance.factor(0.7);
    this.reply = chance.factor(0.9);
    this.purchase = chance.factor(0.9);
    this.invalid = invalid;
  }

  void join(int list) {
    lists |= 1 << list;
    left &= ~(1 << list);
  }

  void leave(int list) {
    left |= 1 << list;
  }

  void leaveAll() {
    leftAll = true;
  }

  boolean hasLeft(int list) {
    return leftAll || (left & 1 << list) != 0;
  }

  /** Whether texts of the list may be sent, as far as the sending system knows. */
  boolean isOn(int list) {
    return (lists & 1 << list) != 0 && !hasLeft(list) && !unreachable;
  }

  /** The number is given up. */
  void markUnreachable() {
    unreachable = true;
  }

  /** Holds the person out of an experiment; false if that was so before. */
  boolean holdOut(int experiment) {
    boolean first = (heldOut & 1 << experiment) == 0;
    heldOut |= 1 << experiment;
    return first;
  }

  void notePromotional(long at) {
    promotional[sends++ % SENDS_KEPT] = at;
  }

  /** Promotional texts in the days before an instant; at most {@value #SENDS_KEPT} are known. */
  int promotionalWithin(int days, long now) {
    int count = 0;
    for (int i = 0; i < Math.min(sends, SENDS_KEPT); i++) {
      if (promotional[i] > now - days * DAY) {
        count++;
      }
    }
    return count;
  }
}
