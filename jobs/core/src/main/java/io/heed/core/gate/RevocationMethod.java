package io.heed.core.gate;

import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.rules.ReplyIntent;

/** How texting came to be forbidden. Of two at one instant the first constant is published. */
public enum RevocationMethod {
  KEYWORD(false, ReasonCode.OPTED_OUT),
  FUZZY(false, ReasonCode.OPTED_OUT),
  WEB(false, ReasonCode.OPTED_OUT),
  AGENT(false, ReasonCode.OPTED_OUT),
  /** An opt-out whose record could not be read otherwise. */
  UNREADABLE(false, ReasonCode.OPTED_OUT),
  COMPLAINT(true, ReasonCode.COMPLAINT),
  CARRIER(true, ReasonCode.CARRIER_BLOCK),
  DO_NOT_CALL(true, ReasonCode.DO_NOT_CALL),
  /** The vendor refuses the number, since it knows of an opt-out. */
  VENDOR(true, ReasonCode.OPTED_OUT),
  INVALID_NUMBER(true, ReasonCode.INVALID_NUMBER),
  /** Messages failed again and again over days. */
  UNREACHABLE(true, ReasonCode.INVALID_NUMBER),
  /** The number belongs to somebody else now, who has agreed to nothing. */
  WRONG_NUMBER(false, ReasonCode.OPTED_OUT);

  private final boolean hard;
  private final ReasonCode reason;

  RevocationMethod(boolean hard, ReasonCode reason) {
    this.hard = hard;
    this.reason = reason;
  }

  /** Whether a keyword such as START cannot lift it. */
  boolean hard() {
    return hard;
  }

  /** Why a request is denied for it. */
  public ReasonCode reason() {
    return reason;
  }

  /** The constant of a name, as a decision states it; what is not known could not be read. */
  public static RevocationMethod named(String name) {
    for (RevocationMethod method : values()) {
      if (method.name().equals(name)) {
        return method;
      }
    }
    return UNREADABLE;
  }

  /** The method of a reply that revokes. */
  public static RevocationMethod of(ReplyIntent intent) {
    if (intent.kind() == ReplyIntent.Kind.WRONG_NUMBER) {
      return WRONG_NUMBER;
    }
    return intent.exact() ? KEYWORD : FUZZY;
  }

  /** What a reply by this method stops: a list id or {@code *}; null for its message's list. */
  public String replyScope() {
    return this == WRONG_NUMBER ? "*" : null;
  }

  /** The method of an opt-out event. */
  public static RevocationMethod of(OptOutMethod method) {
    return valueOf(method.name());
  }
}
