package io.heed.sim.optimizer;

import java.util.ArrayList;
import java.util.List;

/**
 * A policy that learns nothing: first come, first served.
 *
 * @param name as in the table
 * @param messages at most so many
 * @param minutes within so many minutes
 * @param banded whether only people who clicked lately get them: all within 30 days of a click,
 *     half as many within 90, a quarter otherwise
 */
public record FixedPolicy(String name, int messages, int minutes, boolean banded) {
  private static final int DAY = World.MINUTES;

  /** Messages of the default policy within 30 days. */
  public static final FixedPolicy DEFAULT = cap(4, 30);

  /** Smart sending as platforms have it: none within 16 hours of the last. */
  public static final FixedPolicy SMART = new FixedPolicy("smart sending 16 h", 1, 16 * 60, false);

  /** No cap. */
  public static final FixedPolicy NONE = new FixedPolicy("no cap", 0, 0, false);

  /** Fewer messages for people who did not click lately. */
  public static final FixedPolicy BANDS = new FixedPolicy("engagement bands", 12, 30 * DAY, true);

  static FixedPolicy cap(int messages, int days) {
    return new FixedPolicy(messages + " in " + days + " d", messages, days * DAY, false);
  }

  static FixedPolicy gap(int days) {
    return new FixedPolicy("gap " + days + " d", 1, days * DAY, false);
  }

  /** The caps and gaps of which the best in hindsight is taken. */
  public static List<FixedPolicy> caps() {
    List<FixedPolicy> caps = new ArrayList<>();
    for (int messages = 1; messages <= 20; messages++) {
      caps.add(cap(messages, 30));
    }
    for (int messages = 1; messages <= 4; messages++) {
      caps.add(cap(messages, 7));
    }
    for (int days = 2; days <= 10; days++) {
      caps.add(gap(days));
    }
    return caps;
  }

  /** The last sends and clicks of everybody, by which caps decide. */
  static final class History {
    private static final int KEPT = 20;
    private static final int BAND_1 = 30 * DAY;
    private static final int BAND_2 = 90 * DAY;

    private final int[] sends;
    private final int[] count;
    private final int[] lastClick;

    History(int people) {
      sends = new int[people * KEPT];
      count = new int[people];
      lastClick = new int[people];
    }

    boolean allows(FixedPolicy policy, int person, int minute) {
      int messages = policy.messages;
      if (policy.banded) {
        int since = minute - lastClick[person];
        messages = since < BAND_1 ? messages : since < BAND_2 ? messages / 2 : messages / 4;
      }
      if (messages == 0 || count[person] < messages) {
        return true;
      }
      int last = sends[person * KEPT + (count[person] - messages) % KEPT];
      return minute - last >= policy.minutes;
    }

    void sent(int person, int minute, boolean clicked) {
      sends[person * KEPT + count[person]++ % KEPT] = minute;
      if (clicked) {
        lastClick[person] = minute;
      }
    }
  }

  RunResult run(Nature nature) {
    Subscribers people = new Subscribers(nature);
    History history = new History(nature.people);
    for (int c = 0; c < nature.campaigns; c++) {
      for (int i = 0; i < nature.people; i++) {
        int minute = nature.requestMinute(i, c);
        if (minute < people.gone[i] && history.allows(this, i, minute)) {
          people.send(i, c, minute);
          history.sent(i, minute, people.clicked);
        }
      }
    }
    return people.result(name);
  }
}
