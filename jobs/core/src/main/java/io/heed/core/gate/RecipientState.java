package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.Earlier;
import io.heed.core.model.Category;
import io.heed.core.model.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that the gate knows of one recipient, as a working copy: read from its bytes, changed,
 * written back. Instants are epoch milliseconds, 0 where there is none. What is remembered of
 * consent and messages is such that it is the same in whatever order events come: largest instants,
 * and sets.
 */
final class RecipientState {
  /** Outcomes of a message in rising rank. */
  static final int OPEN = 0;

  static final int FAILED = 1;
  static final int DELIVERED = 2;

  static final int[] NO_TAGS = {};

  private static final int CATEGORIES = Category.values().length;

  /** Pool of other channels' touches. */
  static final int TOUCHES = CATEGORIES;

  static final int POOLS = CATEGORIES + 2;

  /** A message, told by a send, a receipt, or both; or another channel's touch. */
  static final class Message {
    long hash;
    long time;

    /** Null for a touch, and until the send itself is seen. */
    Category category;

    /** List; of a touch its channel; null until the send itself is seen. */
    String list;

    /** Hashes of tags, since a cap only has to know its own again. */
    int[] tags = NO_TAGS;

    boolean touch;
    boolean confirmation;
    int outcome;

    /** Instants of the first and the last receipt of a transient failure. */
    long failedAt;

    long lastFailedAt;

    boolean seen() {
      return category != null;
    }

    /** Messages are bounded by category; touches, and those that only a receipt tells, beside. */
    int pool() {
      return seen() ? category.ordinal() : touch ? TOUCHES : TOUCHES + 1;
    }
  }

  /** What is known of consent for one scope: the newest instant of each kind. */
  static final class Scope {
    /** Every list without an entry of its own: what held for lists that were evicted. */
    static final String OTHERS = "";

    final String name;
    long softAt;
    RevocationMethod soft;
    long hardAt;
    RevocationMethod hard;
    long startAt;
    long strongAt;
    ConsentMethod strong;
    long importedAt;

    /** Whether some import named its evidence. */
    boolean importProven;

    /** Something that looked like a revocation of this scope turned out not to be one. */
    long clearedAt;

    Scope(String name) {
      this.name = name;
    }

    Scope copy() {
      return copy(name);
    }

    Scope copy(String copyName) {
      Scope copy = new Scope(copyName);
      copy.softAt = softAt;
      copy.soft = soft;
      copy.hardAt = hardAt;
      copy.hard = hard;
      copy.startAt = startAt;
      copy.strongAt = strongAt;
      copy.strong = strong;
      copy.importedAt = importedAt;
      copy.importProven = importProven;
      copy.clearedAt = clearedAt;
      return copy;
    }

    void revoke(RevocationMethod method, long time) {
      if (method.hard()) {
        if (time > hardAt || (time == hardAt && method.compareTo(hard) < 0)) {
          hardAt = time;
          hard = method;
        }
      } else if (time > softAt || (time == softAt && method.compareTo(soft) < 0)) {
        softAt = time;
        soft = method;
      }
    }

    void consent(ConsentMethod method, long time) {
      if (method.strong()) {
        if (time > strongAt || (time == strongAt && method.compareTo(strong) < 0)) {
          strongAt = time;
          strong = method;
        }
      } else if (method == ConsentMethod.IMPORT || method == ConsentMethod.UNPROVEN_IMPORT) {
        importedAt = Math.max(importedAt, time);
        importProven |= method == ConsentMethod.IMPORT;
      } else {
        startAt = Math.max(startAt, time);
      }
    }

    long newest() {
      long revoked = Math.max(softAt, hardAt);
      long consented = Math.max(startAt, Math.max(strongAt, importedAt));
      return Math.max(clearedAt, Math.max(revoked, consented));
    }

    /**
     * Whether a consent is on record.
     *
     * @param unprovenImports whether an import without evidence is one
     */
    boolean consented(boolean unprovenImports) {
      return strongAt > 0 || startAt > 0 || (importedAt > 0 && (importProven || unprovenImports));
    }
  }

  /** A reply whose message has not been seen. */
  record Pending(long messageHash, long time, RevocationMethod revoked, ConsentMethod consented) {}

  /** A question that was answered, or whose message went out. */
  static final class Answer {
    long hash;

    /** Null if the message went out before the question was seen. */
    Verdict verdict;

    /** The message has gone out: nothing is reserved any more. */
    boolean used;

    /** Bits of the reasons' ordinals. */
    int reasons;

    long decidedAt;
    long expiresAt;
    long notBefore;
    Category category;

    /** Null if unknown: then the reservation counts for every list. */
    String list;

    int[] tags = NO_TAGS;
    int campaignHash;
    String variant;
    int epoch;

    boolean reserves() {
      return verdict == Verdict.ALLOW && !used;
    }
  }

  /**
   * What a recipient has got of an experiment.
   *
   * @param lastAt the newest instant at which it was drawn or seen
   */
  record Drawn(Earlier draw, long lastAt) {}

  /** What was last told of a cap. */
  record Told(Category category, String scope, int hash) {}

  long lastSeq;

  /** When a call is wanted since a cap lapses; 0 for none. */
  long timerAt;

  /** Whether a call is on its way for when nothing is left to remember. */
  boolean cleaningSet;

  String zone;
  String region;

  /** Instant of the send that told zone and region. */
  long placeAt;

  long helpAt;
  long helpAnsweredAt;
  long confirmedAt;
  final List<Message> messages = new ArrayList<>();
  final List<Scope> scopes = new ArrayList<>();
  final List<Pending> pending = new ArrayList<>();
  final List<Answer> answers = new ArrayList<>();
  final List<Told> told = new ArrayList<>();

  /** Variants and hold-outs that the recipient keeps. */
  final List<Drawn> drawn = new ArrayList<>();

  /** By pool the newest instant of an evicted message; 0 for none. */
  final long[] evictedUntil = new long[POOLS];

  /** By category the latest end of an evicted reservation; 0 for none. */
  final long[] reservedUntil = new long[CATEGORIES];

  /** Whether nothing is left that could change an answer. */
  boolean isEmpty() {
    return messages.isEmpty()
        && scopes.isEmpty()
        && pending.isEmpty()
        && answers.isEmpty()
        && drawn.isEmpty()
        && helpAt == 0
        && !hasEvicted();
  }

  /** Whether something was evicted that may still matter. */
  boolean hasEvicted() {
    return newestEvicted() > 0;
  }

  /** The latest instant up to which something evicted may matter; 0 for none. */
  long newestEvicted() {
    long newest = 0;
    for (long until : evictedUntil) {
      newest = Math.max(newest, until);
    }
    for (long until : reservedUntil) {
      newest = Math.max(newest, until);
    }
    return newest;
  }

  /** Forgets of what was evicted that which ended at an instant or before. */
  void forgetEvicted(long until) {
    for (long[] instants : new long[][] {evictedUntil, reservedUntil}) {
      for (int i = 0; i < instants.length; i++) {
        instants[i] = instants[i] <= until ? 0 : instants[i];
      }
    }
  }

  /** Takes note of a reservation that is evicted; one of an unknown category may be of any. */
  void reservedUntil(Answer answer) {
    for (int category = 0; answer.reserves() && category < CATEGORIES; category++) {
      if (answer.list == null || answer.category.ordinal() == category) {
        reservedUntil[category] = Math.max(reservedUntil[category], answer.expiresAt);
      }
    }
  }

  /** What the recipient has got of experiments. */
  List<Earlier> draws() {
    return drawn.stream().map(Drawn::draw).toList();
  }

  /** Who was exposed without having asked keeps the variant, too. */
  boolean exposed(Earlier exposure, long time) {
    for (int i = 0; i < drawn.size(); i++) {
      Drawn known = drawn.get(i);
      if (known.draw().experimentId().equals(exposure.experimentId())) {
        drawn.set(i, new Drawn(known.draw(), Math.max(known.lastAt(), time)));
        return time > known.lastAt();
      }
    }
    return drawn.add(new Drawn(exposure, time));
  }

  Message message(long hash) {
    for (Message message : messages) {
      if (message.hash == hash) {
        return message;
      }
    }
    return null;
  }

  /** The message, made if it is new. */
  Message messageOrNew(long hash, long time) {
    Message message = message(hash);
    if (message == null) {
      message = new Message();
      message.hash = hash;
      message.time = time;
      messages.add(message);
    }
    return message;
  }

  Scope scope(String name) {
    for (Scope scope : scopes) {
      if (scope.name.equals(name)) {
        return scope;
      }
    }
    return null;
  }

  /** What is known of a list: by its own entry, else by what holds for the lists without one. */
  Scope scopeOrOthers(String list) {
    Scope own = scope(list);
    return own == null ? scope(Scope.OTHERS) : own;
  }

  Scope scopeOrNew(String name) {
    Scope scope = scope(name);
    if (scope == null) {
      Scope others = name.equals(Rules.ALL) ? null : scope(Scope.OTHERS);
      scope = others == null ? new Scope(name) : others.copy(name);
      scopes.add(scope);
    }
    return scope;
  }

  Answer answer(long hash) {
    for (Answer answer : answers) {
      if (answer.hash == hash) {
        return answer;
      }
    }
    return null;
  }

  /** The answer, made if it is new. */
  Answer answerOrNew(long hash) {
    Answer answer = answer(hash);
    if (answer == null) {
      answer = new Answer();
      answer.hash = hash;
      answers.add(answer);
    }
    return answer;
  }

  /** The newest instant of a message that was sent, or of a touch. */
  long newestSend() {
    long newest = 0;
    for (Message message : messages) {
      if (message.seen() || message.touch) {
        newest = Math.max(newest, message.time);
      }
    }
    return newest;
  }

  /** What was last told of a cap; 0 for nothing. */
  int told(Category category, String scope) {
    for (Told each : told) {
      if (each.category() == category && each.scope().equals(scope)) {
        return each.hash();
      }
    }
    return 0;
  }

  void tell(Category category, String scope, int hash) {
    told.removeIf(each -> each.category() == category && each.scope().equals(scope));
    told.add(new Told(category, scope, hash));
  }
}
