package io.heed.sim.optimizer;

import io.heed.core.optimizer.ListOutcomes;
import io.heed.core.optimizer.PersonState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What follows within 7 days after a message was sent or withheld: the part of the job's per-person
 * state that the value of a click is measured from.
 */
final class Followed {
  private static final int WINDOW = 7 * World.MINUTES;
  private static final int KEPT = 16;
  private static final byte WITHHELD = 0;
  private static final byte WANTED = 1;

  private record Purchase(int person, int minute, long micros) {}

  private final ListOutcomes outcomes;
  private final int[] minutes;
  private final byte[] arms;
  private final byte[] clicks;
  private final long[] margins;
  private final byte[] counts;
  private final int[] lastClick;
  private final Map<Integer, List<Purchase>> purchases = new HashMap<>();

  Followed(int people, ListOutcomes outcomes) {
    this.outcomes = outcomes;
    minutes = new int[people * KEPT];
    arms = new byte[people * KEPT];
    clicks = new byte[people * KEPT];
    margins = new long[people * KEPT];
    counts = new byte[people];
    lastClick = new int[people];
    java.util.Arrays.fill(lastClick, -WINDOW);
  }

  void send(int person, int minute, boolean wanted) {
    if (wanted) {
      follow(person, minute, WANTED);
    }
  }

  void withhold(int person, int minute) {
    follow(person, minute, WITHHELD);
  }

  private void follow(int person, int minute, byte arm) {
    if (counts[person] == KEPT) {
      return;
    }
    int at = person * KEPT + counts[person]++;
    minutes[at] = minute;
    arms[at] = arm;
    clicks[at] = 0;
    margins[at] = 0;
  }

  void click(int person, int minute) {
    lastClick[person] = minute;
    outcomes.lift().addClick();
    for (int at = person * KEPT; at < person * KEPT + counts[person]; at++) {
      if (minute >= minutes[at] && minute - minutes[at] < WINDOW) {
        clicks[at]++;
      }
    }
  }

  void purchase(int person, int minute, long micros) {
    purchases
        .computeIfAbsent(minute / World.MINUTES, unused -> new ArrayList<>())
        .add(new Purchase(person, minute, micros));
  }

  /** Ends a day: its purchases count, and a recipient who was followed for 7 days is counted. */
  void closeDay(int day, PersonState[] states) {
    List<Purchase> due = purchases.remove(day);
    if (due != null) {
      for (Purchase purchase : due) {
        count(purchase, states);
      }
    }
    int matured = (day + 1) * World.MINUTES - WINDOW;
    for (int person = 0; person < counts.length; person++) {
      int count = counts[person];
      int ended = 0;
      int from = person * KEPT;
      while (ended < count && minutes[from + ended] <= matured) {
        int at = from + ended++;
        outcomes.lift().addUnit(arms[at] == WANTED, clicks[at], margins[at]);
      }
      if (ended > 0) {
        int rest = count - ended;
        System.arraycopy(minutes, from + ended, minutes, from, rest);
        System.arraycopy(arms, from + ended, arms, from, rest);
        System.arraycopy(clicks, from + ended, clicks, from, rest);
        System.arraycopy(margins, from + ended, margins, from, rest);
        counts[person] = (byte) rest;
      }
    }
  }

  private void count(Purchase purchase, PersonState[] states) {
    int person = purchase.person;
    states[person] =
        states[person].withConversion(World.FIRST_DAY + purchase.minute / World.MINUTES);
    int sinceClick = purchase.minute - lastClick[person];
    if (sinceClick >= 0 && sinceClick < WINDOW) {
      outcomes.lift().addCredit(purchase.micros);
    }
    for (int at = person * KEPT; at < person * KEPT + counts[person]; at++) {
      if (purchase.minute >= minutes[at] && purchase.minute - minutes[at] < WINDOW) {
        margins[at] += purchase.micros;
      }
    }
  }
}
