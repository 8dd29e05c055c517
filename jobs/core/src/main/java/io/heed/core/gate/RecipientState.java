package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.Cap;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that the gate knows of one recipient, as a working copy: read from its bytes, changed,
 * written back. Instants are epoch milliseconds, 0 where there is none. What is kept of consent and
 * messages is the same in whatever order events come: largest instants, and sets.
 */
final class RecipientState {
  /** Outcomes of a message in rising rank. */
  static final int OPEN = 0;

  static final int FAILED = 1;
  static final int DELIVERED = 2;

  /** Clicked by a person, which implies that it was delivered. */
  static final int CLICKED = 3;

  private static final int CATEGORIES = Category.values().length;

  /** Pool of other channels' touches. */
  static final int TOUCHES = CATEGORIES;

  private static final int COMPARISONS_KEPT = 64;

  static final int POOLS = CATEGORIES + 2;

  /** A message, known by a send, a receipt, or both; or another channel's touch. */
  static final class Message {
    long hash;
    long time;

    /** Null for a touch, and until the send itself has arrived. */
    Category category;

    /** List; of a touch its channel; null until the send itself has arrived. */
    String list;

    /** Hashes of tags, since a cap only has to know its own again. */
    int[] tags = Cap.NO_TAGS;

    boolean touch;
    boolean confirmation;
    int outcome;

    /** Instants of the first and the last receipt of a transient failure. */
    long failedAt;

    long lastFailedAt;

    boolean isSent() {
      return category != null;
    }

    /**
     * Messages are bounded by category; touches, and messages that only a receipt names, have pools
     * of their own.
     */
    int pool() {
      return isSent() ? category.ordinal() : touch ? TOUCHES : TOUCHES + 1;
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

    /**
     * Forgets what is not later than an instant, except what holds for lists that were evicted: no
     * name says it. Returns whether anything is left.
     */
    boolean expire(long until) {
      if (!name.equals(OTHERS)) {
        softAt = softAt > until ? softAt : 0;
        hardAt = hardAt > until ? hardAt : 0;
        startAt = startAt > until ? startAt : 0;
        strongAt = strongAt > until ? strongAt : 0;
        importedAt = importedAt > until ? importedAt : 0;
        importProven &= importedAt > 0;
        clearedAt = clearedAt > until ? clearedAt : 0;
      }
      return newest() > 0;
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

  /** A reply whose message is not known. */
  record Pending(long messageHash, long time, RevocationMethod revoked, ConsentMethod consented) {}

  /** A request that has its verdict, or whose message went out. */
  static final class KnownRequest {
    long hash;

    /** Null if the message arrived before the request. */
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

    int[] tags = Cap.NO_TAGS;
    int campaignHash;
    String variant;
    int epoch;

    /** Versions of the value model that had a part in the verdict; null for none. */
    String modelVersion;

    /** Probability of the verdict, 1 where chance had no part. */
    double propensity = 1;

    /** What the optimizer would have decided, in its shadow mode; else null. */
    Verdict valueVerdict;

    /** The figures that the optimizer decided by; null without any. */
    MessageValue value;

    /** Keeps what the optimizer decided; null for nothing. */
    void valued(ValueCheck.Worth worth) {
      modelVersion = worth == null ? null : worth.modelVersion();
      value = worth == null ? null : worth.value();
      propensity = worth == null || worth.shadow() ? 1 : worth.propensity();
      valueVerdict =
          worth == null || !worth.shadow() ? null : worth.allowed() ? Verdict.ALLOW : Verdict.DEFER;
    }

    boolean reserves() {
      return verdict == Verdict.ALLOW && !used;
    }
  }

  /**
   * What a recipient was assigned in an experiment.
   *
   * @param lastAt the newest instant at which it was drawn or exposed
   */
  record Drawn(PriorAssignment draw, long lastAt) {}

  /** The hash of what was last published about a cap. */
  record PublishedCap(Category category, String scope, int hash) {}

  long lastSeq;

  /** When the timer fires for the next lapse of a cap; 0 for none. */
  long timerAt;

  /** Whether the cleanup timer is set, for when nothing is left to keep. */
  boolean cleanupSet;

  String zone;
  String region;

  /** Instant of the send that named zone and region. */
  long placeAt;

  /** What the optimizer knows of the person; null before the first promotional message. */
  PersonState person;

  /** Instant of the newest signal SUNSET, and until when it holds, 0 if it was cleared. */
  long sunsetAt;

  long sunsetUntil;
  long helpAt;
  long helpRepliedAt;
  long confirmedAt;
  final List<Message> messages = new ArrayList<>();
  final List<Scope> scopes = new ArrayList<>();
  final List<Pending> pending = new ArrayList<>();
  final List<KnownRequest> requests = new ArrayList<>();
  final List<PublishedCap> publishedCaps = new ArrayList<>();

  /** Variants and hold-outs that the recipient keeps. */
  final List<Drawn> drawn = new ArrayList<>();

  /** Hashes of the optimizer's comparisons that the recipient has entered. */
  final List<Integer> entered = new ArrayList<>();

  /** By pool the newest instant of an evicted message; 0 for none. */
  final long[] evictedUntil = new long[POOLS];

  /** By category the latest end of an evicted reservation; 0 for none. */
  final long[] reservedUntil = new long[CATEGORIES];

  /** Whether nothing is left that could change a verdict. */
  boolean isEmpty() {
    return messages.isEmpty()
        && scopes.isEmpty()
        && pending.isEmpty()
        && requests.isEmpty()
        && drawn.isEmpty()
        && helpAt == 0
        && sunsetAt == 0
        && !hasEvicted();
  }

  /** Whether there is nothing beside scopes but requests that were denied. */
  boolean holdsDenialsAlone() {
    return !requests.isEmpty()
        && requests.stream().allMatch(request -> request.verdict == Verdict.DENY)
        && messages.isEmpty()
        && pending.isEmpty()
        && drawn.isEmpty()
        && entered.isEmpty()
        && person == null
        && sunsetAt == 0
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

  /** Expires marks of evicted facts that ended at an instant or before. */
  void expireEvicted(long until) {
    for (long[] instants : new long[][] {evictedUntil, reservedUntil}) {
      for (int i = 0; i < instants.length; i++) {
        instants[i] = instants[i] <= until ? 0 : instants[i];
      }
    }
  }

  /** Records a reservation that is evicted; one of an unknown category may be of any. */
  void reservedUntil(KnownRequest request) {
    for (int category = 0; request.reserves() && category < CATEGORIES; category++) {
      if (request.list == null || request.category.ordinal() == category) {
        reservedUntil[category] = Math.max(reservedUntil[category], request.expiresAt);
      }
    }
  }

  /** What the recipient was assigned in experiments. */
  List<PriorAssignment> draws() {
    return drawn.stream().map(Drawn::draw).toList();
  }

  /** A recipient who was exposed without a request keeps the variant, too. */
  boolean exposed(PriorAssignment exposure, long time) {
    for (int i = 0; i < drawn.size(); i++) {
      Drawn known = drawn.get(i);
      if (known.draw().experimentId().equals(exposure.experimentId())) {
        drawn.set(i, new Drawn(known.draw(), Math.max(known.lastAt(), time)));
        return time > known.lastAt();
      }
    }
    return drawn.add(new Drawn(exposure, time));
  }

  /** Enters a comparison; false if that is known. The oldest of many is let go. */
  boolean enter(int comparison) {
    if (entered.contains(comparison)) {
      return false;
    }
    entered.add(comparison);
    if (entered.size() > COMPARISONS_KEPT) {
      entered.remove(0);
    }
    return true;
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

  KnownRequest request(long hash) {
    for (KnownRequest request : requests) {
      if (request.hash == hash) {
        return request;
      }
    }
    return null;
  }

  /** The request, made if it is new. */
  KnownRequest requestOrNew(long hash) {
    KnownRequest request = request(hash);
    if (request == null) {
      request = new KnownRequest();
      request.hash = hash;
      requests.add(request);
    }
    return request;
  }

  /** The newest instant of a message that was sent, or of a touch. */
  long newestSend() {
    long newest = 0;
    for (Message message : messages) {
      if (message.isSent() || message.touch) {
        newest = Math.max(newest, message.time);
      }
    }
    return newest;
  }

  /** The hash of what was last published about a cap; 0 for nothing. */
  int publishedCap(Category category, String scope) {
    for (PublishedCap each : publishedCaps) {
      if (each.category() == category && each.scope().equals(scope)) {
        return each.hash();
      }
    }
    return 0;
  }

  void setPublished(Category category, String scope, int hash) {
    publishedCaps.removeIf(each -> each.category() == category && each.scope().equals(scope));
    publishedCaps.add(new PublishedCap(category, scope, hash));
  }
}
