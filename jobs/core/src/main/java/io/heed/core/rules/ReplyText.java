package io.heed.core.rules;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;

/**
 * Turns what a person typed into plain lower-case words: stylised letters, accents, look-alikes and
 * invisible characters resolved, stretched letters ("stoooop") shortened, letters set apart ("s t o
 * p") joined. One pass over at most {@link #MAX_CHARS} characters, no regular expressions.
 */
final class ReplyText {
  /** More than twice the longest concatenated message that vendors accept (1,600 characters). */
  static final int MAX_CHARS = 4096;

  /** The word that every stop sign becomes. */
  static final String STOP_SIGN = "\uD83D\uDED1";

  /** Octagonal sign, no entry, no entry sign. */
  private static final String STOP_SIGNS = STOP_SIGN + "\u26D4\uD83D\uDEAB";

  private static final int MIN_QUOTED_WORDS = 4;
  private static final int MIN_LETTERS_APART = 3;
  private static final Map<Integer, Character> LOOK_ALIKES = new HashMap<>();
  private static final Map<Integer, Character> LOOK_ALIKES_IN_WORDS = new HashMap<>();

  static {
    for (CSVRecord row : Csv.rows("look-alikes.csv")) {
      var target = row.get("where").equals("WORD") ? LOOK_ALIKES_IN_WORDS : LOOK_ALIKES;
      char to = row.get("to").charAt(0);
      row.get("from").codePoints().forEach(from -> target.put(from, to));
    }
  }

  /**
   * One word.
   *
   * @param clause which sentence or part of one it stands in, from 0
   * @param altered true if more than letter case, accents and apostrophes had to be resolved
   * @param letters the case that it was typed in
   */
  record Word(String text, int clause, boolean altered, Letters letters) {
    Word as(String corrected) {
      return new Word(corrected, clause, true, letters);
    }
  }

  /** Letter case of a word as typed. */
  enum Letters {
    LOWER,
    CAPITAL,
    CAPITALS
  }

  private final List<Word> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();

  private int lower;
  private int upper;
  private boolean upperFirst;
  private boolean altered;
  private boolean hasLetter;
  private boolean hasDigitOrSymbol;
  private int clause;
  private int quoteStart = -1;
  private boolean straightQuote;

  private final boolean withoutQuotes;

  private ReplyText(boolean withoutQuotes) {
    this.withoutQuotes = withoutQuotes;
  }

  /** Every word of a text. */
  static List<Word> wordsOf(String text) {
    return wordsOf(text, false);
  }

  /** The words that the person wrote, without quoted lines and longer quoted passages. */
  static List<Word> ownWordsOf(String body) {
    return wordsOf(body, true);
  }

  private static List<Word> wordsOf(String text, boolean withoutQuotes) {
    ReplyText reader = new ReplyText(withoutQuotes);
    text.substring(0, Math.min(text.length(), MAX_CHARS))
        .lines()
        .filter(line -> !withoutQuotes || !isQuoted(line))
        .forEach(
            line -> {
              reader.read(line);
              reader.endClause();
            });
    return joinLettersApart(reader.words);
  }

  private static boolean isQuoted(String line) {
    String start = line.stripLeading();
    return start.startsWith(">") || start.startsWith("&gt;");
  }

  private void read(String line) {
    String text =
        isAscii(line) ? line : Normalizer.normalize(withoutMarks(line), Normalizer.Form.NFKD);
    if (straightQuote) {
      // An inch mark, more likely than a quotation over several lines.
      quoteStart = -1;
    }
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c == '-' && isDash(text, i)) {
        endClause();
      } else {
        add(c);
      }
      i += Character.charCount(c);
    }
    endWord();
  }

  /** A hyphen between blanks. */
  private static boolean isDash(String text, int at) {
    return at > 0
        && at + 1 < text.length()
        && text.charAt(at - 1) == ' '
        && text.charAt(at + 1) == ' ';
  }

  private void add(int c) {
    Character lookAlike = c < 128 ? null : lookAlike(c);
    if (lookAlike != null) {
      word.append(lookAlike.charValue());
      noteCase(c);
      altered = true;
    } else if (Character.isLetter(c) || Character.getType(c) == Character.COMBINING_SPACING_MARK) {
      word.appendCodePoint(Character.toLowerCase(c));
      noteCase(c);
    } else if (Character.isDigit(c) || LOOK_ALIKES_IN_WORDS.containsKey(c)) {
      word.appendCodePoint(c);
      hasDigitOrSymbol = true;
    } else if (STOP_SIGNS.indexOf(c) >= 0) {
      endWord();
      words.add(new Word(STOP_SIGN, clause, false, Letters.LOWER));
    } else if (isInvisible(c) || isApostrophe(c)) {
      return;
    } else {
      endWord();
      switch (c) {
        case '.', '!', '?', ';', ':', ',', '…', '—', '–', '。', '、', '(', ')', '[', ']' ->
            endClause();
        case '“', '«' -> startQuote(false);
        case '”', '»' -> endQuote();
        case '"' -> {
          if (quoteStart < 0) {
            startQuote(true);
          } else {
            endQuote();
          }
        }
        default -> {
          // A space, an emoji, a control character: ends the word, nothing more.
        }
      }
    }
  }

  private void noteCase(int c) {
    boolean isUpper = Character.isUpperCase(c);
    upperFirst |= isUpper && !hasLetter;
    upper += isUpper ? 1 : 0;
    lower += isUpper ? 0 : 1;
    hasLetter = true;
  }

  private Letters letters() {
    if (upper > 1 && lower == 0) {
      return Letters.CAPITALS;
    }
    return upperFirst ? Letters.CAPITAL : Letters.LOWER;
  }

  private void endWord() {
    if (!word.isEmpty()) {
      String text = word.toString().toLowerCase(Locale.ROOT);
      if (hasLetter && hasDigitOrSymbol) {
        String resolved = resolveInWord(text);
        altered |= !resolved.equals(text);
        text = resolved;
      }
      String shortened = shortenStretches(text);
      altered |= !shortened.equals(text);
      words.add(new Word(shortened, clause, altered, letters()));
    }
    word.setLength(0);
    lower = 0;
    upper = 0;
    upperFirst = false;
    altered = false;
    hasLetter = false;
    hasDigitOrSymbol = false;
  }

  private void endClause() {
    endWord();
    if (!words.isEmpty() && words.get(words.size() - 1).clause() == clause) {
      clause++;
    }
  }

  private void startQuote(boolean straight) {
    quoteStart = words.size();
    straightQuote = straight;
  }

  /** A reaction repeats the message in quotation marks; a keyword in quotation marks is meant. */
  private void endQuote() {
    if (withoutQuotes && quoteStart > 0 && words.size() - quoteStart >= MIN_QUOTED_WORDS) {
      words.subList(quoteStart, words.size()).clear();
      endClause();
    }
    quoteStart = -1;
  }

  private static Character lookAlike(int c) {
    // Negative circled and negative squared capitals, which NFKD leaves as they are.
    if (c >= 0x1F150 && c <= 0x1F169) {
      return (char) ('a' + (c - 0x1F150));
    }
    if (c >= 0x1F170 && c <= 0x1F189) {
      return (char) ('a' + (c - 0x1F170));
    }
    // Small Cyrillic letters look like others than their capitals, and are the same letter.
    boolean cyrillic = Character.UnicodeScript.of(c) == Character.UnicodeScript.CYRILLIC;
    Character same = cyrillic ? LOOK_ALIKES.get(Character.toLowerCase(c)) : null;
    return same != null ? same : LOOK_ALIKES.get(c);
  }

  private static String resolveInWord(String text) {
    StringBuilder resolved = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              Character letter = LOOK_ALIKES_IN_WORDS.get(c);
              resolved.appendCodePoint(letter == null ? c : letter);
            });
    return resolved.toString();
  }

  /** Three or more of one letter become one: no keyword has even three. */
  private static String shortenStretches(String text) {
    StringBuilder result = null;
    for (int i = 0; i < text.length(); ) {
      int end = i + 1;
      while (end < text.length() && text.charAt(end) == text.charAt(i)) {
        end++;
      }
      if (end - i >= 3 && result == null) {
        result = new StringBuilder(text.length()).append(text, 0, i);
      }
      if (result != null) {
        result.append(text, i, end - i >= 3 ? i + 1 : end);
      }
      i = end;
    }
    return result == null ? text : result.toString();
  }

  private static List<Word> joinLettersApart(List<Word> words) {
    List<Word> joined = new ArrayList<>(words.size());
    for (int i = 0; i < words.size(); ) {
      int end = i;
      while (end < words.size() && isSingleLetter(words.get(end).text())) {
        end++;
      }
      if (end - i >= MIN_LETTERS_APART) {
        StringBuilder letters = new StringBuilder(end - i);
        words.subList(i, end).forEach(w -> letters.append(w.text()));
        Word first = words.get(i);
        joined.add(new Word(letters.toString(), first.clause(), true, first.letters()));
        i = end;
      } else {
        joined.add(words.get(i++));
      }
    }
    return joined;
  }

  private static boolean isSingleLetter(String text) {
    return text.length() == 1 && Character.isLetter(text.charAt(0));
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }

  /** Piled-up marks would make normalisation slow, and they are dropped anyway. */
  private static String withoutMarks(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> !isInvisible(c) && !isApostrophe(c))
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static boolean isInvisible(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> true;
      default -> false;
    };
  }

  private static boolean isApostrophe(int c) {
    return switch (c) {
      case '\'', '’', '‘', '`', '´', 'ʼ' -> true;
      default -> false;
    };
  }
}
