package io.heed.core.hours;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.TreeMap;

/** The hours that every state's law allows, written down a second time, for tests. */
public final class StateHours {
  /** A zone of each state and territory. */
  public static final Map<String, String> ZONES = new TreeMap<>();

  static {
    zone("America/New_York", "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV");
    zone("America/Chicago", "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI");
    zone("America/Denver", "CO MT NM UT WY ID");
    zone("America/Los_Angeles", "CA NV OR WA");
    zone("America/Phoenix", "AZ");
    zone("America/Anchorage", "AK");
    zone("Pacific/Honolulu", "HI");
    zone("America/Puerto_Rico", "PR VI");
    zone("Pacific/Guam", "GU MP");
    zone("Pacific/Pago_Pago", "AS");
  }

  private static void zone(String zone, String states) {
    for (String state : states.split(" ", -1)) {
      ZONES.put(state, zone);
    }
  }

  private StateHours() {}

  /**
   * Whether the law allows a message, on a day that is no holiday.
   *
   * @param strict whether rows on which sources differ hold as well
   */
  public static boolean allows(String state, LocalDateTime local, boolean strict) {
    DayOfWeek day = local.getDayOfWeek();
    boolean weekend = day == DayOfWeek.SATURDAY || day == DayOfWeek.SUNDAY;
    boolean sunday = day == DayOfWeek.SUNDAY;
    return switch (state) {
      case "FL", "OK", "WA", "MD", "NJ", "MA" -> within(local, 8, 20);
      case "AL", "LA", "MS" -> !(strict && sunday) && within(local, 8, 20);
      case "CA", "IL", "MI", "MN", "NM" -> within(local, strict ? 9 : 8, 21);
      case "NV" -> strict ? within(local, 9, 20) : within(local, 8, 21);
      case "TX" -> within(local, sunday ? 12 : 9, 21);
      case "CT" -> within(local, 9, 20);
      case "KY" -> within(local, 10, 21);
      case "RI" -> weekend ? within(local, 10, 17) : within(local, 9, 18);
      default -> within(local, 8, 21);
    };
  }

  private static boolean within(LocalDateTime local, int from, int to) {
    return local.getHour() >= from && local.getHour() < to;
  }
}
