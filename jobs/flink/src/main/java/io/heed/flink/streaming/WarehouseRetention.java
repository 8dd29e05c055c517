package io.heed.flink.streaming;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How long the warehouse keeps the rows of a kind, in days; what is not in it is kept for ever.
 *
 * @param days by kind
 */
public record WarehouseRetention(Map<Kind, Integer> days) {
  /** What the jobs look back on by default: an event that came again is recognised for so long. */
  private static final int LEAST_DAYS = 35;

  private static final int MOST_DAYS = 7_320;

  private static final String WANTED =
      "KIND=DURATION, separated by commas, with the kinds %s and durations in d, mo (31 days) or y (366 days) from %d to %d days is needed, such as events=13mo,decisions=13mo"
          .formatted(
              Arrays.stream(Kind.values()).map(Kind::text).collect(Collectors.joining(", ")),
              LEAST_DAYS,
              MOST_DAYS);

  /** What rows are of. */
  public enum Kind {
    EVENTS,
    DECISIONS,
    DEAD_LETTERS;

    /** As users write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Keeps its own copy. */
  public WarehouseRetention {
    days = Map.copyOf(days);
  }

  /**
   * Reads {@code events=13mo,decisions=400d}; empty keeps everything.
   *
   * @throws IllegalArgumentException with what is wrong and what is allowed
   */
  public static WarehouseRetention of(String text) {
    Map<Kind, Integer> days = new LinkedHashMap<>();
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] sides = part.strip().split("=", -1);
      Kind kind = sides.length == 2 ? kind(sides[0].strip()) : null;
      if (kind == null) {
        throw new IllegalArgumentException("'" + part.strip() + "': " + WANTED);
      }
      if (days.put(kind, days(sides[1].strip())) != null) {
        throw new IllegalArgumentException("'" + kind.text() + "' is there twice: " + WANTED);
      }
    }
    return new WarehouseRetention(days);
  }

  private static Kind kind(String text) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.text().equals(text))
        .findFirst()
        .orElse(null);
  }

  private static int days(String text) {
    String unit = text.replaceFirst("^[0-9]{1,5}", "");
    int daysPerUnit =
        switch (unit) {
          case "d" -> 1;
          case "mo" -> 31;
          case "y" -> 366;
          default -> 0;
        };
    long days =
        daysPerUnit == 0 || unit.length() == text.length()
            ? 0
            : (long) daysPerUnit
                * Integer.parseInt(text.substring(0, text.length() - unit.length()));
    if (days < LEAST_DAYS || days > MOST_DAYS) {
      throw new IllegalArgumentException("'" + text + "': " + WANTED);
    }
    return (int) days;
  }
}
