package io.heed.core.rules;

import io.heed.core.rules.PhraseBook.Phrase;
import io.heed.core.rules.PhraseBook.Role;
import io.heed.core.rules.ReplyText.Letters;
import io.heed.core.rules.ReplyText.Word;
import java.util.List;

/**
 * A keyword at the beginning or the end of a message without punctuation: "STOP ACME", "I did not
 * sign up for this please stop". Between people "stop" is an ordinary word there ("stop by", "the
 * bus stop"), so something else has to speak for the keyword: the words beside it, capitals that
 * the rest of the message does not have, or a number to which it is addressed.
 */
final class KeywordAtEdge {
  private static final int MAX_WORDS = 20;
  private static final int SHORT_CODE_DIGITS = 5;

  private final PhraseBook book;

  KeywordAtEdge(PhraseBook book) {
    this.book = book;
  }

  /** The keyword that the message begins with, or null. */
  Phrase first(List<Word> message) {
    List<Word> words = book.without(Role.POLITE, message);
    Phrase keyword = words.isEmpty() ? null : book.longestAt(Role.OPT_OUT, words, 0);
    if (keyword == null || !keyword.keyword() || words.size() > MAX_WORDS) {
      return null;
    }
    Word typed = words.get(0);
    int at = keyword.length();
    for (Phrase again = keyword; again != null && again.keyword(); at += again.length()) {
      again = at < words.size() ? book.longestAt(Role.OPT_OUT, words, at) : null;
      if (again == null || !again.keyword()) {
        break;
      }
    }
    List<Word> rest = words.subList(at, words.size());
    if (rest.isEmpty() || book.contains(Role.PLAYFUL, rest)) {
      return null;
    }
    boolean capitals = stands(typed, rest);
    if (isAddressed(rest, capitals || keyword.edge())) {
      return keyword;
    }
    if (!keyword.edge()) {
      return null;
    }
    if (book.longestAt(Role.FOLLOWS, rest, 0) != null) {
      return keyword;
    }
    boolean verb = isVerbForm(rest.get(0)) || book.longestAt(Role.VERB, rest, 0) != null;
    boolean name =
        rest.size() <= 2
            && typed.letters() != Letters.LOWER
            && rest.stream().allMatch(w -> w.letters() != Letters.LOWER);
    return !verb && (capitals || name) ? keyword : null;
  }

  /** The keyword that the message ends with, or null. */
  Phrase last(List<Word> message) {
    List<Word> words = book.without(Role.POLITE, message);
    int at = words.size() - 1;
    Phrase keyword = at < 1 ? null : book.longestAt(Role.OPT_OUT, words, at);
    if (keyword == null
        || !keyword.edge()
        || words.size() > MAX_WORDS
        || book.contains(Role.PLAYFUL, message)
        || book.isNegated(words, at, keyword)
        || book.isReported(words, at)) {
      return null;
    }
    List<Word> before = words.subList(0, at);
    int previous = at - 1;
    boolean noun = book.endsWith(Role.NOUN, before);
    if (!noun && words.get(at).letters() == Letters.CAPITALS && stands(words.get(at), before)) {
      return keyword;
    }
    boolean lead = book.endsWith(Role.PRECEDES, before);
    return lead && !book.isNegated(words, previous, keyword) ? keyword : null;
  }

  /** Whether a word is in capitals and the rest is not, or too short to judge. */
  private static boolean stands(Word word, List<Word> rest) {
    return word.letters() == Letters.CAPITALS
        && (rest.size() <= 2
            || rest.stream().anyMatch(w -> w.letters() == Letters.LOWER && w.text().length() > 1));
  }

  /** "STOP 12345", "STOP to 36180": a number, of which a keyword that is a word needs a code's. */
  private boolean isAddressed(List<Word> rest, boolean clear) {
    int from = rest.size() == 2 && book.isAddressing(rest.get(0).text()) ? 1 : 0;
    String number = rest.get(from).text();
    return rest.size() == from + 1
        && number.chars().allMatch(Character::isDigit)
        && (clear || number.length() >= SHORT_CODE_DIGITS);
  }

  private static boolean isVerbForm(Word word) {
    return word.text().endsWith("ing") || word.text().endsWith("in");
  }
}
