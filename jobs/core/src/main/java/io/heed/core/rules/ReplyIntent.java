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
 */
public record ReplyIntent(Kind kind, boolean exact, String phrase) {
  /** Anything that is none of the others. */
  public static final ReplyIntent NONE = new ReplyIntent(Kind.NONE, false, "");

  /** The intents. YES resumes messages only as the answer to an opt-out confirmation. */
  public enum Kind {
    OPT_OUT,
    HELP,
    START,
    YES,
    NONE
  }

  public ReplyIntent {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(phrase);
  }

  /** True if the reply revokes consent. */
  public boolean revokes() {
    return kind == Kind.OPT_OUT;
  }
}
