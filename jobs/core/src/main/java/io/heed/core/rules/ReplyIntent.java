package io.heed.core.rules;

import java.util.Objects;

/**
 * What a person means by a reply.
 *
 * @param kind the intent
 * @param exact true if the whole message is a keyword, letter case and punctuation aside; false if
 *     the intent had to be interpreted (a misspelling, a sentence, a polite word beside the
 *     keyword)
 * @param phrase the phrase that was recognised, as evidence; empty for NONE
 * @param rule by which rule it counts
 */
public record ReplyIntent(Kind kind, boolean exact, String phrase, Rule rule) {
  /** Anything that is none of the others. */
  public static final ReplyIntent NONE = new ReplyIntent(Kind.NONE, false, "", Rule.NOTHING);

  /** The rules, in the order in which they are tried. */
  public enum Rule {
    NOTHING("nothing in it was recognised"),
    WHOLE("the whole message"),
    MISSPELT("the whole message, misspelt"),
    SENTENCE("a sentence of its own"),
    SPACED("the whole message, spaces aside"),
    FIRST("the keyword comes first"),
    LAST("the keyword comes last"),
    WITHIN("a phrase inside the message"),
    COPIED("the instruction copied out"),
    WISHES_TO_STAY("the person wishes to stay");

    private final String words;

    Rule(String words) {
      this.words = words;
    }
  }

  /** The intents. YES resumes messages only as the answer to an opt-out confirmation. */
  public enum Kind {
    OPT_OUT,
    /** The number is somebody else's now: nobody who has it agreed to messages. */
    WRONG_NUMBER,
    HELP,
    START,
    YES,
    NONE
  }

  public ReplyIntent {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(phrase);
    Objects.requireNonNull(rule);
  }

  /** Why, in words: the rule and the phrase. */
  public String reason() {
    return phrase.isEmpty() ? rule.words : rule.words + ": '" + phrase + "'";
  }

  /** True if messages must stop. */
  public boolean revokes() {
    return kind == Kind.OPT_OUT || kind == Kind.WRONG_NUMBER;
  }
}
