package io.heed.core.rules;

import io.heed.core.rules.ReplyText.Word;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/** The phrases of {@code reply-phrases.csv}, expanded and indexed. */
final class PhraseBook {
  private static final int MIN_MISSPELT_LETTERS = 4;
  private static final int MIN_JOINED_LETTERS = 6;

  /** What a phrase does; described in the data file. */
  enum Role {
    KEYWORD,
    OPT_OUT,
    HELP,
    START,
    YES,
    POLITE,
    INSISTENT,
    INSTRUCTION,
    NEGATION,
    LINK
  }

  /** Where a phrase counts, each place including those before it; described in the data file. */
  enum Place {
    BARE,
    CLAUSE,
    SHORT,
    ANYWHERE
  }

  /** One concrete phrase. */
  record Phrase(Role role, boolean keyword, Place place, String text, int length) {}

  private static final class Node {
    private final Map<String, Node> next = new HashMap<>(4);
    private Phrase phrase;
  }

  private final Map<Role, Node> roots = new EnumMap<>(Role.class);
  private final Set<String> vocabulary = new HashSet<>();
  private final Map<String, Phrase> joined = new HashMap<>();
  private final Misspellings words;
  private final Misspellings joinedPhrases;

  PhraseBook(Set<ReplyRecogniser.Option> options) {
    Set<String> misspellable = new LinkedHashSet<>();
    for (CSVRecord row : Csv.rows("reply-phrases.csv")) {
      String option = row.get("option");
      if (option.isEmpty() || options.contains(ReplyRecogniser.Option.valueOf(option))) {
        for (List<String> phrase : expand(row.get("words"))) {
          add(Role.valueOf(row.get("role")), Place.valueOf(row.get("match")), phrase);
          if (row.get("misspelt").equals("yes")) {
            phrase.stream()
                .filter(w -> w.length() >= MIN_MISSPELT_LETTERS)
                .forEach(misspellable::add);
          }
        }
      }
    }
    Set<String> realWords = new HashSet<>();
    Csv.rows("real-words.csv").forEach(row -> realWords.add(row.get("word")));
    realWords.removeAll(vocabulary);
    words = new Misspellings(misspellable, realWords);
    joinedPhrases =
        new Misspellings(
            joined.keySet().stream().filter(j -> j.length() >= MIN_JOINED_LETTERS).toList(),
            realWords);
  }

  private void add(Role role, Place place, List<String> phrase) {
    boolean keyword = role == Role.KEYWORD;
    Role acts = keyword ? Role.OPT_OUT : role;
    Node node = roots.computeIfAbsent(acts, r -> new Node());
    for (String word : phrase) {
      vocabulary.add(word);
      node = node.next.computeIfAbsent(word, w -> new Node());
    }
    Phrase known = node.phrase;
    node.phrase =
        new Phrase(
            acts,
            keyword || (known != null && known.keyword()),
            known == null || known.place().compareTo(place) < 0 ? place : known.place(),
            String.join(" ", phrase),
            phrase.size());
    if (keyword) {
      // Of "optout" and "opt out" the one with more words, which allows for as many in the text.
      joined.merge(
          String.join("", phrase), node.phrase, (a, b) -> a.length() >= b.length() ? a : b);
    }
  }

  /** Every combination of a pattern's alternatives and optional words. */
  private static List<List<String>> expand(String pattern) {
    List<List<String>> phrases = List.of(List.of());
    for (String slot : pattern.split(" ", -1)) {
      boolean optional = slot.endsWith("?");
      String[] alternatives =
          (optional ? slot.substring(0, slot.length() - 1) : slot).split("\\|", -1);
      List<List<String>> longer = new ArrayList<>(optional ? phrases : List.of());
      for (List<String> phrase : phrases) {
        for (String alternative : alternatives) {
          List<String> extended = new ArrayList<>(phrase);
          extended.add(alternative);
          longer.add(extended);
        }
      }
      phrases = longer;
    }
    return phrases;
  }

  /** The longest phrase of a role that starts at a word, or null. */
  Phrase longestAt(Role role, List<Word> text, int from) {
    return longestAt(role, text, from, text.size());
  }

  /** The longest phrase of a role that starts at a word and ends before another, or null. */
  Phrase longestAt(Role role, List<Word> text, int from, int to) {
    Node node = roots.get(role);
    Phrase longest = null;
    for (int i = from; i < to; i++) {
      node = node.next.get(text.get(i).text());
      if (node == null) {
        break;
      }
      if (node.phrase != null) {
        longest = node.phrase;
      }
    }
    return longest;
  }

  /** The words with misspelt ones replaced by what was meant. */
  List<Word> corrected(List<Word> text) {
    List<Word> result = new ArrayList<>(text.size());
    for (Word word : text) {
      String meant =
          word.text().length() < MIN_MISSPELT_LETTERS - 1 || vocabulary.contains(word.text())
              ? null
              : words.correct(word.text());
      result.add(meant == null ? word : word.as(meant));
    }
    return result;
  }

  /**
   * The keyword that the words spell when the spaces between them are ignored ("un subscribe"),
   * also with one edit if that edit is not simply a further word; null if none.
   */
  Phrase joined(List<Word> text) {
    StringBuilder letters = new StringBuilder();
    for (Word word : text) {
      if (words.isRealWord(word.text())) {
        return null;
      }
      letters.append(word.text());
    }
    String whole = letters.toString();
    Phrase exact = joined.get(whole);
    if (exact != null) {
      return exact;
    }
    String meant = joinedPhrases.correct(whole);
    if (meant == null) {
      return null;
    }
    Phrase phrase = joined.get(meant);
    return text.size() <= phrase.length() || whole.length() < meant.length() ? phrase : null;
  }
}
