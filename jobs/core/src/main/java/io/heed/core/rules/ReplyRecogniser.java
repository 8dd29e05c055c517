package io.heed.core.rules;

import io.heed.core.rules.PhraseBook.Phrase;
import io.heed.core.rules.PhraseBook.Place;
import io.heed.core.rules.PhraseBook.Role;
import io.heed.core.rules.ReplyIntent.Kind;
import io.heed.core.rules.ReplyIntent.Rule;
import io.heed.core.rules.ReplyText.Word;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Recognises what a reply means: that messages shall stop, in any reasonable words (47 CFR
 * 64.1200(a)(10)), that the number is somebody else's, a call for help, a wish to resume, a yes.
 *
 * <p>Keywords and ordinary language in English, Spanish, Portuguese, French and German, and the
 * one-word forms of other languages, come from {@code reply-phrases.csv}. Opt-outs are found
 * through misspellings of one edit, letters set apart, look-alike characters, punctuation and
 * emoji. What resumes messages is taken literally only, because a mistake there texts a person who
 * said no.
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

  private final PhraseBook book;
  private final KeywordAtEdge edges;

  /** Reads the phrases; costs tens of milliseconds, so keep the instance. */
  public ReplyRecogniser(Set<ReplyOption> options) {
    book = new PhraseBook(options);
    edges = new KeywordAtEdge(book);
  }

  /** The recogniser with every option at its default. */
  public static ReplyRecogniser standard() {
    return Standard.INSTANCE;
  }

  /** Read once, when it is first needed. */
  private static final class Standard {
    static final ReplyRecogniser INSTANCE = new ReplyRecogniser(Set.of());
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
      ReplyIntent bare = bare(ReplyText.wordsOf(body), Rule.WHOLE);
      return bare.exact() && answered.isEmpty() ? bare : ReplyIntent.NONE;
    }
    ReplyIntent intent = bare(typed, Rule.WHOLE);
    if (intent.kind() != Kind.NONE) {
      return intent;
    }
    List<Word> meant = book.corrected(typed);
    intent = meant.equals(typed) ? ReplyIntent.NONE : bare(meant, Rule.MISSPELT);
    if (intent.kind() != Kind.NONE) {
      return intent;
    }
    Phrase spaced = book.joined(book.without(Role.POLITE, typed));
    if (spaced != null) {
      return interpreted(spaced, Rule.SPACED);
    }
    Phrase stay = stay(meant);
    return stay != null
        ? new ReplyIntent(Kind.NONE, false, stay.text(), Rule.WISHES_TO_STAY)
        : inside(meant);
  }

  private ReplyIntent inside(List<Word> meant) {
    Phrase phrase = ownClause(meant);
    if (phrase != null) {
      return interpreted(phrase, Rule.SENTENCE);
    }
    List<Word> own = withoutInstructions(meant);
    if (own.isEmpty()) {
      phrase = instruction(meant);
      return phrase == null ? ReplyIntent.NONE : interpreted(phrase, Rule.COPIED);
    }
    phrase = within(own);
    if (phrase != null) {
      return interpreted(phrase, Rule.WITHIN);
    }
    phrase = edges.first(own);
    if (phrase != null) {
      return interpreted(phrase, Rule.FIRST);
    }
    phrase = edges.last(own);
    return phrase == null ? ReplyIntent.NONE : interpreted(phrase, Rule.LAST);
  }

  private static ReplyIntent interpreted(Phrase phrase, Rule rule) {
    return new ReplyIntent(Kind.valueOf(phrase.role().name()), false, phrase.text(), rule);
  }

  /** The intent of a message that has nothing in it but phrases and words that change nothing. */
  private ReplyIntent bare(List<Word> words, Rule rule) {
    Phrase found = null;
    int before = -1;
    boolean insistent = false;
    boolean polite = true;
    boolean alone = true;
    boolean altered = false;
    for (int i = 0; i < words.size(); ) {
      Phrase phrase = meaningAt(words, i);
      Phrase filler = phrase != null ? null : fillerAt(words, i, found != null);
      if (phrase == null && filler == null) {
        return ReplyIntent.NONE;
      }
      if (phrase != null && (found == null || phrase.role().compareTo(found.role()) < 0)) {
        alone &= found == null;
        found = phrase;
      } else {
        alone = false;
      }
      if (filler != null) {
        polite &= filler.role() == Role.POLITE;
        insistent |= filler.role() == Role.INSISTENT || filler.role() == Role.BEFORE;
        before = filler.role() == Role.BEFORE ? i : before;
      }
      int end = i + (phrase != null ? phrase : filler).length();
      altered |= words.subList(i, end).stream().anyMatch(Word::altered);
      i = end;
    }
    if (found == null) {
      return ReplyIntent.NONE;
    }
    Kind kind = Kind.valueOf(found.role().name());
    boolean resumes = kind == Kind.START || kind == Kind.YES;
    // "End already" and "we cancel now" are what people write to each other.
    boolean ordinaryWord = found.keyword() && found.place() == Place.BARE && !polite;
    // "No pare" is "do not stop", "no stop" is not.
    boolean turned =
        before >= 0
            && (book.isNegation(words, before, found)
                || !book.goesWith(Role.BEFORE, words, before, found));
    if ((resumes && (insistent || altered)) || ordinaryWord || turned) {
      return ReplyIntent.NONE;
    }
    boolean keyword = found.keyword() || kind != Kind.OPT_OUT;
    return new ReplyIntent(kind, alone && !altered && keyword, found.text(), rule);
  }

  /** The longest phrase with an intent; of equal ones that which stops messages. */
  private Phrase meaningAt(List<Word> words, int from) {
    Phrase longest = null;
    for (Role role : List.of(Role.OPT_OUT, Role.WRONG_NUMBER, Role.HELP, Role.START, Role.YES)) {
      Phrase phrase = book.longestAt(role, words, from);
      if (phrase != null && (longest == null || phrase.length() > longest.length())) {
        longest = phrase;
      }
    }
    return longest;
  }

  private Phrase fillerAt(List<Word> words, int from, boolean afterIntent) {
    for (Role role :
        List.of(Role.POLITE, Role.GREETING, afterIntent ? Role.INSISTENT : Role.BEFORE)) {
      Phrase filler = book.longestAt(role, words, from);
      if (filler != null) {
        return filler;
      }
    }
    return null;
  }

  /** A keyword that is the first or the last sentence on its own: "STOP. I told you twice". */
  private Phrase ownClause(List<Word> words) {
    if (book.contains(Role.PLAYFUL, words)) {
      return null;
    }
    int first = words.get(0).clause();
    int last = words.get(words.size() - 1).clause();
    Phrase phrase = sentence(words.stream().filter(w -> w.clause() == first).toList(), words);
    return phrase != null
        ? phrase
        : sentence(words.stream().filter(w -> w.clause() == last).toList(), words);
  }

  private Phrase sentence(List<Word> clause, List<Word> message) {
    List<Word> rest = book.without(Role.POLITE, clause);
    Phrase phrase = rest.isEmpty() ? null : book.longestAt(Role.OPT_OUT, rest, 0);
    boolean clear =
        message.size() <= SHORT_MESSAGE_WORDS
            || (phrase != null && !phrase.keyword())
            || rest.stream().anyMatch(w -> w.letters() == ReplyText.Letters.CAPITALS);
    return phrase != null && clear && phrase.length() == rest.size() && phrase.place() != Place.BARE
        ? phrase
        : null;
  }

  /** What says that the person wants the messages, or that a STOP was a mistake; or null. */
  private Phrase stay(List<Word> words) {
    for (int i = 0; i < words.size(); i++) {
      Phrase stay = book.longestAt(Role.STAY, words, i);
      if (stay != null && !book.isNegated(words, i, stay)) {
        // "I want the texts" and "I want the texts to stop".
        Phrase stop = book.longestAt(Role.OPT_OUT, words, i);
        if (stop == null || stop.length() <= stay.length()) {
          return stay;
        }
      }
    }
    return null;
  }

  /** A phrase inside a sentence that is not turned into its opposite. */
  private Phrase within(List<Word> words) {
    Place least = words.size() <= SHORT_MESSAGE_WORDS ? Place.SHORT : Place.ANYWHERE;
    for (Role role : List.of(Role.OPT_OUT, Role.WRONG_NUMBER)) {
      for (int i = 0; i < words.size(); i++) {
        Phrase phrase = book.longestAt(role, words, i, clauseEnd(words, i));
        if (phrase != null
            && phrase.place().compareTo(least) >= 0
            && !book.isNegated(words, i, phrase)
            && !book.isReported(words, i)) {
          return phrase;
        }
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
