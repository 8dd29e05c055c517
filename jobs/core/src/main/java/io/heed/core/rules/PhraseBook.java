package io.heed.core.rules;

import io.heed.core.rules.ReplyText.Word;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final int MAX_PHRASE_WORDS = 5;
  private static final int MAX_REPORT_WORDS = 12;
  private static final Set<String> ADDRESSING = Set.of("to", "2", "au", "a", "al", "an", "para");

  /** What a phrase does; described in the data file. */
  enum Role {
    KEYWORD,
    OPT_OUT,
    WRONG_NUMBER,
    HELP,
    START,
    YES,
    POLITE,
    GREETING,
    BEFORE,
    INSISTENT,
    FOLLOWS,
    PRECEDES,
    VERB,
    NOUN,
    PLAYFUL,
    STAY,
    REPORTED,
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
  record Phrase(Role role, String language, boolean keyword, Place place, String text, int length) {
    /** Whether it is a keyword that counts beside other words, too. */
    boolean edge() {
      return keyword && place != Place.BARE;
    }
  }

  private static final class Node {
    private final Map<String, Node> next = new HashMap<>(4);
    private Phrase phrase;
  }

  private final Map<Role, Node> roots = new EnumMap<>(Role.class);
  private final Set<String> vocabulary = new HashSet<>();
  private final Map<String, Phrase> joined = new HashMap<>();
  private final Misspellings words;
  private final Misspellings joinedPhrases;

  PhraseBook(Set<ReplyOption> options) {
    Set<String> misspellable = new LinkedHashSet<>();
    for (CSVRecord row : Csv.rows("reply-phrases.csv")) {
      String option = row.get("option");
      if (option.isEmpty() || options.contains(ReplyOption.valueOf(option))) {
        for (List<String> phrase : expand(row.get("words"))) {
          boolean misspelt = row.get("misspelt").equals("yes");
          add(row, phrase, misspelt);
          if (misspelt) {
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

  private void add(CSVRecord row, List<String> phrase, boolean misspelt) {
    Role role = Role.valueOf(row.get("role"));
    Place place = Place.valueOf(row.get("match"));
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
            known == null ? row.get("language") : known.language(),
            keyword || (known != null && known.keyword()),
            known == null || known.place().compareTo(place) < 0 ? place : known.place(),
            String.join(" ", phrase),
            phrase.size());
    if (keyword && misspelt) {
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
      List<String> alternatives =
          Arrays.stream((optional ? slot.substring(0, slot.length() - 1) : slot).split("\\|", -1))
              .map(PhraseBook::normal)
              .toList();
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

  /** A word as the reader of replies gives it, so that look-alikes meet. */
  private static String normal(String word) {
    List<Word> read = ReplyText.wordsOf(word);
    if (read.size() != 1) {
      throw new IllegalStateException("reply-phrases.csv: '" + word + "' is not one word");
    }
    return read.get(0).text();
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

  /** Whether a phrase of a role stands anywhere in the text. */
  boolean contains(Role role, List<Word> text) {
    for (int i = 0; i < text.size(); i++) {
      if (longestAt(role, text, i) != null) {
        return true;
      }
    }
    return false;
  }

  /** Whether the text ends with a phrase of a role. */
  boolean endsWith(Role role, List<Word> text) {
    for (int i = Math.max(0, text.size() - MAX_PHRASE_WORDS); i < text.size(); i++) {
      Phrase phrase = longestAt(role, text, i);
      if (phrase != null && i + phrase.length() == text.size()) {
        return true;
      }
    }
    return false;
  }

  /** The text without the phrases of a role at its beginning and single words of it at its end. */
  List<Word> without(Role role, List<Word> text) {
    int from = 0;
    Phrase filler;
    while (from < text.size() && (filler = longestAt(role, text, from)) != null) {
      from += filler.length();
    }
    int to = text.size();
    while (to > from && longestAt(role, text.subList(to - 1, to), 0) != null) {
      to--;
    }
    return text.subList(from, to);
  }

  /** Whether a negation stands before a phrase, with nothing but linking words between. */
  boolean isNegated(List<Word> text, int from, Phrase phrase) {
    for (int i = from - 1; i >= 0 && text.get(i).clause() == text.get(from).clause(); i--) {
      if (isNegation(text, i, phrase)) {
        return true;
      }
      if (longestAt(Role.LINK, text, i) == null) {
        return false;
      }
    }
    return false;
  }

  /** Whether the phrase at {@code from} turns one that follows it. */
  boolean isNegation(List<Word> text, int from, Phrase phrase) {
    Phrase negation = longestAt(Role.NEGATION, text, from);
    return negation != null && turns(negation, phrase);
  }

  /** Whether a filler is English, which goes with every keyword, or of the phrase's language. */
  boolean goesWith(Role role, List<Word> text, int from, Phrase phrase) {
    String language = longestAt(role, text, from).language();
    return language.equals("en") || language.equals(phrase.language());
  }

  /** "No" turns what follows in Spanish; in English it is a sentence of its own. */
  private static boolean turns(Phrase negation, Phrase phrase) {
    return negation.language().equals("en") || negation.language().equals(phrase.language());
  }

  /** Whether somebody else's words are reported earlier in the sentence. */
  boolean isReported(List<Word> text, int from) {
    int least = Math.max(0, from - MAX_REPORT_WORDS);
    for (int i = from - 1; i >= least && text.get(i).clause() == text.get(from).clause(); i--) {
      if (longestAt(Role.REPORTED, text, i) != null) {
        return true;
      }
    }
    return false;
  }

  /** Whether a word stands between a keyword and the number that it is sent to. */
  boolean isAddressing(String word) {
    return ADDRESSING.contains(word);
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
