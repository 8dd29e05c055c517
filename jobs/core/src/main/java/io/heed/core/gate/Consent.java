package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Whether a recipient may be texted at all: a function of the facts in the state, whatever their
 * order of arrival.
 *
 * <p>Per scope the newest revocation stands unless a consent is strictly newer; what a keyword
 * cannot lift (a complaint, a carrier's block, a do-not-call entry, an invalid number) needs a
 * consent by web, agent or paper. A list is open if it is not revoked itself, and either {@code *}
 * is not revoked or the list's consent is newer and able to lift what stands on {@code *}.
 *
 * <p>A reply counts for its message's list; until the message is known a revocation counts for
 * {@code *}, since it must not wait. When the message arrives {@code *} is published as ALLOWED
 * again, also where it never was suppressed, so that the last decision is the same in every order.
 *
 * <p>The ladder: {@value #LADDER_FAILURES} messages in a row that failed for a transient reason,
 * the first and the last {@value #LADDER_HOURS} hours or more apart, suppress.
 */
final class Consent {
  static final int LADDER_FAILURES = 3;
  static final int LADDER_HOURS = 48;

  private static final String ALL = Rules.ALL;
  private static final long LADDER_MILLIS = LADDER_HOURS * 3_600_000L;

  /**
   * The status of a scope.
   *
   * @param method a {@link RevocationMethod} or {@link ConsentMethod}; null if a revocation turned
   *     out not to concern the scope
   */
  record SuppressionStatus(
      SuppressionState state, Enum<?> method, long since, List<ReasonCode> reasons) {
    boolean suppressed() {
      return state == SuppressionState.SUPPRESSED;
    }
  }

  private Consent() {}

  /** The scope {@code *} with everything that counts for it; null if nothing does. */
  static Scope all(RecipientState state) {
    Scope stored = state.scope(ALL);
    if (state.pending.isEmpty() && !hasTransientFailure(state)) {
      return stored;
    }
    Scope all = stored == null ? new Scope(ALL) : stored.copy();
    for (Pending pending : state.pending) {
      if (pending.revoked() != null) {
        all.revoke(pending.revoked(), pending.time());
      }
    }
    climbLadder(state, all);
    return all;
  }

  static boolean hasTransientFailure(RecipientState state) {
    for (Message message : state.messages) {
      if (message.failedAt > 0) {
        return true;
      }
    }
    return false;
  }

  private record Step(long time, long hash, boolean failed) {}

  private static void climbLadder(RecipientState state, Scope all) {
    List<Step> steps = new ArrayList<>();
    int failures = 0;
    long first = Long.MAX_VALUE;
    long last = 0;
    for (Message message : state.messages) {
      boolean delivered = message.outcome >= RecipientState.DELIVERED;
      if (message.failedAt > 0) {
        failures++;
        first = Math.min(first, message.failedAt);
        last = Math.max(last, message.lastFailedAt);
        if (!delivered) {
          steps.add(new Step(message.failedAt, message.hash, true));
        }
      }
      if (delivered) {
        steps.add(new Step(message.time, message.hash, false));
      }
    }
    if (failures < LADDER_FAILURES || last - first < LADDER_MILLIS) {
      return;
    }
    // Some order of arrival may have suppressed: where this one does not, ALLOWED is published.
    all.clearedAt = Math.max(all.clearedAt, last);
    steps.sort(Comparator.comparingLong(Step::time).thenComparingLong(Step::hash));
    int run = 0;
    long runStart = 0;
    for (Step step : steps) {
      run = step.failed() ? run + 1 : 0;
      runStart = run == 1 ? step.time() : runStart;
      if (run >= LADDER_FAILURES && step.time() - runStart >= LADDER_MILLIS) {
        all.revoke(RevocationMethod.UNREACHABLE, step.time());
      }
    }
  }

  /** The status of a scope as it is published; null if nothing is known. */
  static SuppressionStatus of(Scope scope, Scope all) {
    if (scope == null) {
      return null;
    }
    boolean hard = hardStands(scope);
    boolean soft = softStands(scope, all);
    if (hard || soft) {
      List<ReasonCode> reasons = new ArrayList<>(2);
      if (hard) {
        reasons.add(scope.hard.reason());
      }
      if (soft && !reasons.contains(scope.soft.reason())) {
        reasons.add(scope.soft.reason());
      }
      long since = Math.max(hard ? scope.hardAt : 0, soft ? scope.softAt : 0);
      return new SuppressionStatus(
          SuppressionState.SUPPRESSED, hard ? scope.hard : scope.soft, since, reasons);
    }
    long since = Math.max(startAt(scope, all), scope.strongAt);
    if (since > 0) {
      if (scope != all
          && all != null
          && hardStands(all)
          && since > all.hardAt
          && scope.strongAt <= all.hardAt) {
        // Published as it is: an ALLOWED newer than the suppression of * would open the list.
        return new SuppressionStatus(
            SuppressionState.SUPPRESSED, all.hard, all.hardAt, List.of(all.hard.reason()));
      }
      Enum<?> method = scope.strongAt == since ? scope.strong : ConsentMethod.KEYWORD;
      return allowed(method, since);
    }
    return scope.clearedAt > 0 ? allowed(null, scope.clearedAt) : null;
  }

  private static SuppressionStatus allowed(Enum<?> method, long since) {
    return new SuppressionStatus(
        SuppressionState.ALLOWED, method, since, List.of(ReasonCode.WITHIN_POLICY));
  }

  /** The suppression that closes a list; null if it may be texted. */
  static SuppressionStatus closing(RecipientState state, String list) {
    if (state.scopes.isEmpty() && state.pending.isEmpty() && !hasTransientFailure(state)) {
      return null;
    }
    Scope all = all(state);
    Scope own = state.scopeOrOthers(list);
    SuppressionStatus status = of(own, all);
    if (status != null && status.suppressed()) {
      return status;
    }
    SuppressionStatus everything = of(all, all);
    if (everything == null || !everything.suppressed() || opens(own, all)) {
      return null;
    }
    return everything;
  }

  private static boolean opens(Scope own, Scope all) {
    return own != null
        && (!hardStands(all) || own.strongAt > all.hardAt)
        && (!softStands(all, all) || Math.max(own.startAt, own.strongAt) > all.softAt);
  }

  private static boolean hardStands(Scope scope) {
    return scope.hardAt > 0 && scope.strongAt <= scope.hardAt;
  }

  private static boolean softStands(Scope scope, Scope all) {
    return scope.softAt > 0 && Math.max(startAt(scope, all), scope.strongAt) <= scope.softAt;
  }

  /**
   * The newest START that counts for a scope. One that names no list means all that was stopped by
   * text: so it counts for a list whose newest revocation came by text, too.
   */
  private static long startAt(Scope scope, Scope all) {
    boolean byText = scope.soft == RevocationMethod.KEYWORD || scope.soft == RevocationMethod.FUZZY;
    return byText && all != null ? Math.max(scope.startAt, all.startAt) : scope.startAt;
  }

  /** Whether an opt-in is on record, for the list or for everything. */
  static boolean isRecorded(RecipientState state, String list, boolean unprovenImports) {
    Scope own = state.scope(list);
    Scope all = state.scope(ALL);
    return (own != null && own.consented(unprovenImports))
        || (all != null && all.consented(unprovenImports));
  }

  /** Makes permanent what follows from messages and replies that are about to expire. */
  static void makePermanent(RecipientState state, long before) {
    if (hasTransientFailure(state)
        && state.messages.stream().anyMatch(message -> message.time < before)) {
      keepLadder(state);
    }
    for (Pending pending : state.pending) {
      if (pending.time() < before) {
        keep(state, pending);
      }
    }
    state.pending.removeIf(pending -> pending.time() < before);
  }

  /** Makes permanent what follows from messages that failed. */
  static void keepLadder(RecipientState state) {
    Scope all = state.scope(ALL) == null ? new Scope(ALL) : state.scope(ALL);
    climbLadder(state, all);
    if (all.hardAt > 0 || all.clearedAt > 0) {
      state.scopes.remove(state.scope(ALL));
      state.scopes.add(all);
    }
  }

  /** Makes permanent what a reply revokes whose message is not known. */
  static void keep(RecipientState state, Pending pending) {
    if (pending.revoked() != null) {
      state.scopeOrNew(ALL).revoke(pending.revoked(), pending.time());
    }
  }

  /** Makes what stands against a list hold for every list without an entry of its own. */
  static void keepForOthers(RecipientState state, Scope list) {
    if (hardStands(list)) {
      state.scopeOrNew(Scope.OTHERS).revoke(list.hard, list.hardAt);
    }
    if (softStands(list, state.scope(ALL))) {
      state.scopeOrNew(Scope.OTHERS).revoke(list.soft, list.softAt);
    }
  }
}
