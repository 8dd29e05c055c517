package io.heed.core.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** What somebody may have meant who wrote an unknown name. */
public final class Suggestion {
  private static final int MOST_SLIPS = 2;

  /** Names and constants are shorter; a longer text resembles none of them. */
  private static final int MAX_RESEMBLING = 60;

  private Suggestion() {}

  /** The candidate that a slip of the keyboard or two would make of the name; empty if none. */
  public static String of(String name, Collection<String> candidates) {
    if (name.length() > MAX_RESEMBLING) {
      return "";
    }
    String best = null;
    int least = Math.min(MOST_SLIPS + 1, name.length() / 2 + 1);
    for (String candidate : candidates) {
      int distance = distance(constant(name), constant(candidate));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best == null ? "" : ", did you mean '" + best + "'?";
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    Arrays.setAll(previous, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }

  /** A name as a constant: in capitals, with underscores. */
  static String constant(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
