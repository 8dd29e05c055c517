package io.heed.core.rules;

import io.heed.core.rules.PhraseBook.Phrase;
import io.heed.core.rules.PhraseBook.Place;
import io.heed.core.rules.PhraseBook.Role;
import io.heed.core.rules.ReplyIntent.Kind;
import io.heed.core.rules.ReplyText.Word;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Recognises what a reply means: that messages shall stop, in any reasonable words (47 CFR
 * 64.1200(a)(10)), a call for help, a wish to resume, a yes.
 *
 * <p>Keywords and ordinary language in English, Spanish, Portuguese and French come from {@code
 * reply-phrases.csv}. Opt-outs are found through misspellings of one edit, letters set apart,
 * look-alike characters, punctuation and emoji. What resumes messages is taken literally only,
 * because a mistake there texts a person who said no.
 *
 * <p>Text of the message itself that the reply quotes is not the person's: lines that begin with
 * {@code >}, quotations of four words and more, runs of four words and more of the answered
 * message, and instructions such as "reply STOP to end" beside words of one's own.
 *
 * <p>Immutable and safe for concurrent use. Never throws, whatever the input; reads the first 4,096
 * characters, in time linear in their number.
 */
public final class ReplyRecogniser {
  private static final int SHORT_MESSAGE_WORDS = 12;
  private static final int QUOTED_RUN_WORDS = 4;

  /** Readings that are off by default. */
  public enum Option {
    /** "No thanks" and "not interested" revoke. */
    SOFT_REFUSALS,
    /** A bare NO revokes. */
    NO
  }

  private final PhraseBook book;

  /** Reads the phrases; costs tens of milliseconds, so keep the instance. */
  public ReplyRecogniser(Set<Option> options) {
    book = new PhraseBook(options);
  }

  /** The recogniser with every option at its default. */
  public static ReplyRecogniser standard() {
    return new ReplyRecogniser(Set.of());
  }

  /** What a reply means when the text that it answers is unknown. */
  public ReplyIntent recognise(String body) {
    return recognise(body, "");
  }

  /**
   * What a reply means.
   *
   * @param body the reply
   * @param answered the text of the message that it answers, empty if unknown
   */
  public ReplyIntent recognise(String body, String answered) {
    List<Word> typed = withoutQuoted(ReplyText.ownWordsOf(body), answered);
    if (typed.isEmpty()) {
      // All of it is marked as quoted; a bare keyword is still more likely meant than not.
      ReplyIntent bare = bare(ReplyText.wordsOf(body));
      return bare.exact() && answered.isEmpty() ? bare : ReplyIntent.NONE;
    }
    ReplyIntent intent = bare(typed);
    if (intent.kind() != Kind.NONE) {
      return intent;
    }
    List<Word> meant = book.corrected(typed);
    intent = meant.equals(typed) ? ReplyIntent.NONE : bare(meant);
    if (intent.kind() != Kind.NONE) {
      return intent;
    }
    Phrase phrase = book.joined(withoutFillers(typed));
    if (phrase == null) {
      phrase = ownClause(meant);
    }
    if (phrase == null) {
      List<Word> own = withoutInstructions(meant);
      phrase = own.isEmpty() ? instruction(meant) : within(own);
    }
    return phrase == null ? ReplyIntent.NONE : new ReplyIntent(Kind.OPT_OUT, false, phrase.text());
  }

  /** The intent of a message that has nothing in it but phrases and words that change nothing. */
  private ReplyIntent bare(List<Word> words) {
    Phrase found = null;
    boolean insistent = false;
    boolean alone = true;
    boolean altered = false;
    for (int i = 0; i < words.size(); ) {
      Phrase phrase = meaningAt(words, i);
      Phrase filler = phrase != null ? null : fillerAt(words, i);
      if (phrase == null && filler == null) {
        return ReplyIntent.NONE;
      }
      if (phrase != null && (found == null || phrase.role().compareTo(found.role()) < 0)) {
        alone &= found == null;
        found = phrase;
      } else {
        alone = false;
      }
      insistent |= filler != null && filler.role() == Role.INSISTENT;
      int end = i + (phrase != null ? phrase : filler).length();
      altered |= words.subList(i, end).stream().anyMatch(Word::altered);
      i = end;
    }
    if (found == null) {
      return ReplyIntent.NONE;
    }
    Kind kind = Kind.valueOf(found.role().name());
    boolean resumes = kind == Kind.START || kind == Kind.YES;
    if (resumes && (insistent || altered)) {
      return ReplyIntent.NONE;
    }
    boolean keyword = found.keyword() || kind != Kind.OPT_OUT;
    return new ReplyIntent(kind, alone && !altered && keyword, found.text());
  }

  /** The longest phrase with an intent; of equal ones that which stops messages. */
  private Phrase meaningAt(List<Word> words, int from) {
    Phrase longest = null;
    for (Role role : List.of(Role.OPT_OUT, Role.HELP, Role.START, Role.YES)) {
      Phrase phrase = book.longestAt(role, words, from);
      if (phrase != null && (longest == null || phrase.length() > longest.length())) {
        longest = phrase;
      }
    }
    return longest;
  }

  private Phrase fillerAt(List<Word> words, int from) {
    Phrase polite = book.longestAt(Role.POLITE, words, from);
    return polite != null ? polite : book.longestAt(Role.INSISTENT, words, from);
  }

  private List<Word> withoutFillers(List<Word> words) {
    int from = 0;
    Phrase filler;
    while (from < words.size() && (filler = book.longestAt(Role.POLITE, words, from)) != null) {
      from += filler.length();
    }
    int to = words.size();
    while (to > from && book.longestAt(Role.POLITE, words.subList(to - 1, to), 0) != null) {
      to--;
    }
    return words.subList(from, to);
  }

  /** A keyword that is the first or the last sentence on its own: "STOP. I told you twice". */
  private Phrase ownClause(List<Word> words) {
    int first = words.get(0).clause();
    int last = words.get(words.size() - 1).clause();
    Phrase phrase = keyword(words.stream().filter(w -> w.clause() == first).toList());
    return phrase != null
        ? phrase
        : keyword(words.stream().filter(w -> w.clause() == last).toList());
  }

  private Phrase keyword(List<Word> clause) {
    List<Word> rest = withoutFillers(clause);
    Phrase phrase = rest.isEmpty() ? null : book.longestAt(Role.OPT_OUT, rest, 0);
    return phrase != null && phrase.length() == rest.size() && phrase.place() != Place.BARE
        ? phrase
        : null;
  }

  /** A phrase inside a sentence that is not turned into its opposite. */
  private Phrase within(List<Word> words) {
    Place least = words.size() <= SHORT_MESSAGE_WORDS ? Place.SHORT : Place.ANYWHERE;
    for (int i = 0; i < words.size(); i++) {
      Phrase phrase = book.longestAt(Role.OPT_OUT, words, i, clauseEnd(words, i));
      if (phrase != null && phrase.place().compareTo(least) >= 0 && !isNegated(words, i)) {
        return phrase;
      }
    }
    return null;
  }

  private static int clauseEnd(List<Word> words, int from) {
    int end = from + 1;
    while (end < words.size() && words.get(end).clause() == words.get(from).clause()) {
      end++;
    }
    return end;
  }

  private boolean isNegated(List<Word> words, int from) {
    for (int i = from - 1; i >= 0 && words.get(i).clause() == words.get(from).clause(); i--) {
      if (book.longestAt(Role.NEGATION, words, i) != null) {
        return true;
      }
      if (book.longestAt(Role.LINK, words, i) == null) {
        return false;
      }
    }
    return false;
  }

  private List<Word> withoutInstructions(List<Word> words) {
    List<Word> own = new ArrayList<>(words.size());
    for (int i = 0; i < words.size(); ) {
      Phrase instruction = book.longestAt(Role.INSTRUCTION, words, i);
      if (instruction == null) {
        own.add(words.get(i++));
      } else {
        i += instruction.length();
      }
    }
    return own;
  }

  /** A person who sends the instruction and nothing else most likely follows it. */
  private Phrase instruction(List<Word> words) {
    for (int i = 0; i < words.size(); i++) {
      Phrase phrase = book.longestAt(Role.OPT_OUT, words, i);
      if (phrase != null) {
        return phrase;
      }
    }
    return null;
  }

  private static List<Word> withoutQuoted(List<Word> words, String answered) {
    if (answered.isEmpty() || words.size() < QUOTED_RUN_WORDS) {
      return words;
    }
    List<String> source = texts(ReplyText.wordsOf(answered));
    Set<List<String>> runs = new HashSet<>();
    for (int i = 0; i + QUOTED_RUN_WORDS <= source.size(); i++) {
      runs.add(source.subList(i, i + QUOTED_RUN_WORDS));
    }
    List<String> own = texts(words);
    List<Word> kept = new ArrayList<>(words.size());
    int quotedUntil = 0;
    for (int i = 0; i < words.size(); i++) {
      if (i + QUOTED_RUN_WORDS <= own.size()
          && runs.contains(own.subList(i, i + QUOTED_RUN_WORDS))) {
        quotedUntil = i + QUOTED_RUN_WORDS;
      }
      if (i >= quotedUntil) {
        kept.add(words.get(i));
      }
    }
    return kept;
  }

  private static List<String> texts(List<Word> words) {
    return words.stream().map(Word::text).toList();
  }
}
