package io.heed.core.rules;

import io.heed.core.codec.Hash64;
import io.heed.core.config.ConfigNode;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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

  /** Hashes of no tags. */
  public static final int[] NO_TAGS = {};

  private static final Duration MAX_WINDOW = Duration.ofDays(31);
  private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9_-]*");

  /** Reads an element of {@code caps}, of a policy or of a variant. */
  public static Cap read(ConfigNode node) {
    Optional<ConfigNode> window = node.optional("window");
    Optional<ConfigNode> period = node.optional("per");
    if (window.isPresent() == period.isPresent()) {
      node.error(
          "a cap has either a rolling window or a calendar one", "window: 30d, or per: month");
    }
    return new Cap(
        (int) node.required("limit").integer(1, 10_000),
        window.map(w -> w.duration(Duration.ofMinutes(1), MAX_WINDOW).toMillis()).orElse(0L),
        period.map(p -> p.oneOf(Period.class)).orElse(null),
        node.optional("category").map(c -> c.oneOf(Category.class)).orElse(Category.PROMOTIONAL),
        node.optional("list").map(ConfigNode::text).orElse(null),
        node.optional("tag").map(ConfigNode::text).orElse(null),
        node.optional("counts")
            .map(c -> c.oneOf(Set.of("attempts", "deliveries")))
            .orElse("deliveries")
            .equals("attempts"),
        node.optional("touches")
            .map(t -> Set.copyOf(t.list(e -> e.text(CHANNEL, "a channel such as email"))))
            .orElse(Set.of()),
        CapSource.FIXED);
  }

  /** A rolling cap of promotional messages that failed messages do not use up. */
  public static Cap rolling(int limit, long windowMillis, CapSource source) {
    return new Cap(
        limit, windowMillis, null, Category.PROMOTIONAL, null, null, false, Set.of(), source);
  }

  /** Whether the tag is among those with the given hashes. */
  public boolean isTagged(int[] hashes) {
    int own = hash(tag);
    for (int hash : hashes) {
      if (hash == own) {
        return true;
      }
    }
    return false;
  }

  /** What is kept of tags. */
  public static int[] hashes(List<String> tags) {
    return tags.isEmpty() ? NO_TAGS : tags.stream().mapToInt(Cap::hash).toArray();
  }

  private static int hash(String tag) {
    return (int) Hash64.of(tag);
  }

  /** Whether a message of that kind is limited. */
  public boolean limits(Category requested, String listId, List<String> tags) {
    return requested == category
        && (list == null || list.equals(listId))
        && (tag == null || tags.contains(tag));
  }

  /** Start of the calendar window that contains an instant. */
  public long periodStart(long at, ZoneId zone) {
    return startOf(date(at, zone), zone);
  }

  /** End of the calendar window that contains an instant: the start of the next. */
  public long periodEnd(long at, ZoneId zone) {
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
