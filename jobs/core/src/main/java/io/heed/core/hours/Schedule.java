package io.heed.core.hours;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The hours in which every place where a recipient may be allows a message. Local time follows the
 * zone rules of the JDK: between two changes of a zone's offset local time runs evenly, so that
 * hours are looked for stretch by stretch. Immutable.
 */
public final class Schedule {
  /** No instant within {@link #MAX_AHEAD_MILLIS} is allowed. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long DAY_MILLIS = 86_400_000L;
  private static final long MINUTE_MILLIS = 60_000L;
  private static final long MAX_AHEAD_MILLIS = 60 * DAY_MILLIS;

  /** One rule as one zone's clocks keep it. */
  record Clock(ZoneId zone, HoursRule rule) {}

  private final List<Clock> clocks;
  private final List<ZoneId> zones;
  private final Set<String> regions;

  private final boolean misread;

  /**
   * @param zones the zones of the places
   * @param regions the places' regions; a country stands for all of its states
   * @param misread whether a region or zone was stated that is not understood
   */
  Schedule(Set<Clock> clocks, Set<ZoneId> zones, Set<String> regions, boolean misread) {
    this.clocks = List.copyOf(clocks);
    this.zones = List.copyOf(zones);
    this.regions = new LinkedHashSet<>(regions);
    this.misread = misread;
  }

  /** The time zones in which the recipient may be. */
  public List<ZoneId> zones() {
    return zones;
  }

  /** Whether a region or a time zone was stated that is not understood, and was left out. */
  public boolean misread() {
    return misread;
  }

  /** Whether the recipient may be in a region. */
  public boolean mayBeIn(String region) {
    return regions.contains(region) || regions.contains(Regions.country(region));
  }

  /** Whether the recipient may be in a country. */
  public boolean mayBeInCountry(String country) {
    for (String region : regions) {
      if (Regions.country(region).equals(country)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a message is allowed at an instant, epoch milliseconds. */
  public boolean isOpen(long at) {
    for (Clock clock : clocks) {
      if (!isOpen(clock, at)) {
        return false;
      }
    }
    return true;
  }

  /** The first allowed instant from {@code at} on, or {@link #NEVER}. */
  public long nextOpen(long at) {
    long limit = at + MAX_AHEAD_MILLIS;
    long open = at;
    long before;
    do {
      before = open;
      for (Clock clock : clocks) {
        open = nextOpen(clock, open, limit);
        if (open == NEVER) {
          return NEVER;
        }
      }
    } while (open != before);
    return open;
  }

  /**
   * The first instant from {@code at}, which must be allowed, that is not; at most {@code limit}.
   */
  public long closes(long at, long limit) {
    long closes = limit;
    for (Clock clock : clocks) {
      closes = closes(clock, at, closes);
    }
    return closes;
  }

  private static boolean isOpen(Clock clock, long at) {
    long local = at + offsetMillis(clock.zone().getRules(), at);
    long minutes = clock.rule().on(Math.floorDiv(local, DAY_MILLIS));
    long time = Math.floorMod(local, DAY_MILLIS);
    return time >= HoursRule.from(minutes) * MINUTE_MILLIS
        && time < HoursRule.to(minutes) * MINUTE_MILLIS;
  }

  private static long nextOpen(Clock clock, long at, long limit) {
    ZoneRules zone = clock.zone().getRules();
    for (long from = at; from < limit; ) {
      long offset = offsetMillis(zone, from);
      long until = Math.min(limit, nextTransition(zone, from));
      for (long day = Math.floorDiv(from + offset, DAY_MILLIS);
          day * DAY_MILLIS - offset < until;
          day++) {
        long midnight = day * DAY_MILLIS - offset;
        long minutes = clock.rule().on(day);
        long open = Math.max(from, midnight + HoursRule.from(minutes) * MINUTE_MILLIS);
        if (open < until && open < midnight + HoursRule.to(minutes) * MINUTE_MILLIS) {
          return open;
        }
      }
      from = until;
    }
    return NEVER;
  }

  private static long closes(Clock clock, long at, long limit) {
    ZoneRules zone = clock.zone().getRules();
    long from = at;
    while (from < limit && isOpen(clock, from)) {
      long offset = offsetMillis(zone, from);
      long day = Math.floorDiv(from + offset, DAY_MILLIS);
      long to = day * DAY_MILLIS - offset + HoursRule.to(clock.rule().on(day)) * MINUTE_MILLIS;
      from = Math.min(to, nextTransition(zone, from));
    }
    return Math.min(from, limit);
  }

  private static long offsetMillis(ZoneRules zone, long at) {
    ZoneOffset offset = zone.getOffset(Instant.ofEpochMilli(at));
    return offset.getTotalSeconds() * 1_000L;
  }

  private static long nextTransition(ZoneRules zone, long at) {
    ZoneOffsetTransition next = zone.nextTransition(Instant.ofEpochMilli(at));
    return next == null ? Long.MAX_VALUE : next.toEpochSecond() * 1_000L;
  }
}
