package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Message;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A limit of messages in a window.
 *
 * @param limit messages in the window, at least 1
 * @param windowMillis length of a rolling window; a message at t counts from t until just before t
 *     + window; 0 for a calendar window
 * @param period calendar window in the recipient's own zone; null for a rolling one
 * @param category of the messages that count, and that it limits
 * @param list only messages of this list; null for all
 * @param tag only messages with this tag; null for all
 * @param attempts whether failed messages count, too; else they are refunded
 * @param touches channels whose touches count as messages
 * @param source what sets it
 */
public record Cap(
    int limit,
    long windowMillis,
    Period period,
    Category category,
    String list,
    String tag,
    boolean attempts,
    Set<String> touches,
    CapSource source) {

  /** Calendar windows; a week begins on Monday. */
  public enum Period {
    DAY,
    WEEK,
    MONTH
  }

  /** A rolling cap of promotional messages that failed messages do not use up. */
  static Cap rolling(int limit, long windowMillis, CapSource source) {
    return new Cap(
        limit, windowMillis, null, Category.PROMOTIONAL, null, null, false, Set.of(), source);
  }

  boolean counts(Message message) {
    if (message.category == null) {
      return message.touch && touches.contains(message.list);
    }
    return message.category == category
        && (list == null || list.equals(message.list))
        && (tag == null || isTagged(message.tags))
        && (attempts || message.outcome != RecipientState.FAILED);
  }

  /** Whether the tag is among those with the given hashes. */
  boolean isTagged(int[] hashes) {
    int own = hash(tag);
    for (int hash : hashes) {
      if (hash == own) {
        return true;
      }
    }
    return false;
  }

  /** What is kept of tags. */
  static int[] hashes(List<String> tags) {
    return tags.isEmpty() ? RecipientState.NO_TAGS : tags.stream().mapToInt(Cap::hash).toArray();
  }

  private static int hash(String tag) {
    return (int) Hash.of(tag);
  }

  /** Whether a message of that kind is limited. */
  boolean limits(Category requested, String listId, List<String> tags) {
    return requested == category
        && (list == null || list.equals(listId))
        && (tag == null || tags.contains(tag));
  }

  /** Start of the calendar window that contains an instant. */
  long periodStart(long at, ZoneId zone) {
    return startOf(date(at, zone), zone);
  }

  /** End of the calendar window that contains an instant: the start of the next. */
  long periodEnd(long at, ZoneId zone) {
    LocalDate start = date(at, zone);
    LocalDate next =
        switch (period) {
          case DAY -> start.plusDays(1);
          case WEEK -> start.plusWeeks(1);
          case MONTH -> start.plusMonths(1);
        };
    return startOf(next, zone);
  }

  private LocalDate date(long at, ZoneId zone) {
    LocalDate date = LocalDate.ofInstant(Instant.ofEpochMilli(at), zone);
    return switch (period) {
      case DAY -> date;
      case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTH -> date.withDayOfMonth(1);
    };
  }

  private static long startOf(LocalDate date, ZoneId zone) {
    return date.atStartOfDay(zone).toInstant().toEpochMilli();
  }

  /** The cap in words for people. */
  @Override
  public String toString() {
    String window =
        period == null
            ? windowMillis / 3_600_000 + " hours"
            : "one " + period.name().toLowerCase(Locale.ROOT);
    return limit
        + " "
        + category
        + " in "
        + window
        + (list == null ? "" : ", list " + list)
        + (tag == null ? "" : ", tag " + tag);
  }
}
