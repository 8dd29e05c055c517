package io.heed.core.rules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the known word that a token is at most one edit away from: one letter missing, added or
 * replaced, or two adjacent ones swapped. Words of fewer than {@value #MIN_FREE_LETTERS} letters
 * have too many names and words beside them (Prem and parem, swop and stop): there the edit must be
 * a slip of the fingers, that is two letters swapped, one doubled or single by mistake, or the key
 * beside the right one.
 *
 * <p>Two strings one edit apart share a string that is at most one deletion away from each, so an
 * index of the words' deletions answers in as many look-ups as the token has letters, however many
 * words there are.
 */
final class Misspellings {
  static final int MIN_FREE_LETTERS = 6;
  private static final int MAX_LENGTH = 40;
  private static final List<String> KEYS = List.of("qwertyuiop", "asdfghjkl", "zxcvbnm");

  private final Map<String, List<String>> byDeletion = new HashMap<>();
  private final Map<String, Integer> rank = new HashMap<>();
  private final Set<String> realWords;

  /**
   * @param words the words to find; of several that are equally near, the first is meant
   * @param realWords ordinary words, which are never a misspelling of another
   */
  Misspellings(Collection<String> words, Set<String> realWords) {
    this.realWords = Set.copyOf(realWords);
    for (String word : words) {
      rank.putIfAbsent(word, rank.size());
      for (String key : deletions(word)) {
        byDeletion.computeIfAbsent(key, k -> new ArrayList<>(1)).add(word);
      }
    }
  }

  boolean isRealWord(String token) {
    return realWords.contains(token);
  }

  /** The word that {@code token} misspells, or null. */
  String correct(String token) {
    if (token.length() > MAX_LENGTH || realWords.contains(token)) {
      return null;
    }
    String nearest = nearer(token, token, null);
    for (int i = 0; i < token.length(); i++) {
      nearest = nearer(token, without(token, i), nearest);
    }
    return nearest;
  }

  private String nearer(String token, String key, String nearest) {
    for (String word : byDeletion.getOrDefault(key, List.of())) {
      if ((nearest == null || rank.get(word) < rank.get(nearest))
          && withinOneEdit(token, word)
          && (word.length() >= MIN_FREE_LETTERS || isSlip(token, word))) {
        nearest = word;
      }
    }
    return nearest;
  }

  private static String without(String word, int i) {
    return word.substring(0, i).concat(word.substring(i + 1));
  }

  private static Set<String> deletions(String word) {
    Set<String> keys = new HashSet<>();
    keys.add(word);
    for (int i = 0; i < word.length(); i++) {
      keys.add(without(word, i));
    }
    return keys;
  }

  static boolean withinOneEdit(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 1) {
      return false;
    }
    int i = 0;
    int shorter = Math.min(a.length(), b.length());
    while (i < shorter && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    if (a.length() != b.length()) {
      return a.length() > b.length()
          ? a.startsWith(b.substring(i), i + 1)
          : b.startsWith(a.substring(i), i + 1);
    }
    if (i == a.length() || a.startsWith(b.substring(i + 1), i + 1)) {
      return true;
    }
    return i + 1 < a.length()
        && a.charAt(i) == b.charAt(i + 1)
        && a.charAt(i + 1) == b.charAt(i)
        && a.startsWith(b.substring(i + 2), i + 2);
  }

  /** Whether one edit from {@code word} to {@code token} is one that fingers make by themselves. */
  static boolean isSlip(String token, String word) {
    int i = 0;
    int shorter = Math.min(token.length(), word.length());
    while (i < shorter && token.charAt(i) == word.charAt(i)) {
      i++;
    }
    if (token.length() < word.length()) {
      return i > 0 && word.charAt(i) == word.charAt(i - 1);
    }
    if (token.length() > word.length()) {
      char added = token.charAt(i);
      return (i > 0 && beside(added, token.charAt(i - 1)))
          || (i + 1 < token.length() && beside(added, token.charAt(i + 1)));
    }
    boolean swapped = i + 1 < token.length() && token.charAt(i + 1) != word.charAt(i + 1);
    return swapped || i == token.length() || beside(token.charAt(i), word.charAt(i));
  }

  /** The same key, or one beside it on the customary keyboard. */
  private static boolean beside(char a, char b) {
    if (a == b) {
      return true;
    }
    for (int row = 0; row < KEYS.size(); row++) {
      int column = KEYS.get(row).indexOf(a);
      for (int other = 0; column >= 0 && other < KEYS.size(); other++) {
        int at = KEYS.get(other).indexOf(b);
        // A row lies about half a key further right than the one above it.
        double across = at + other * 0.5 - column - row * 0.5;
        if (at >= 0 && Math.abs(other - row) <= 1 && Math.abs(across) <= 1) {
          return true;
        }
      }
    }
    return false;
  }
}
