package io.heed.core.listhealth;

import io.heed.core.listhealth.Fact.Kind;
import java.util.Arrays;

/**
 * Which opt-outs and complaints count: one per scope in 24 hours. Of the opt-outs and revoking
 * replies of one scope the first counts, then the first that comes 24 hours or more after the one
 * that counted, and so on, by their own time. A reply's scope is the list that it counts for; if an
 * opt-out from {@code *} lies within 24 hours of it, it is taken for the same revocation, and its
 * scope is {@code *}. Complaints are counted among themselves in the same way.
 */
final class OptOutCount {
  /** Opt-outs of one scope within this time are one. */
  private static final long SAME_OPT_OUT_MILLIS = RowDeltas.DAY_MILLIS;

  private final RecipientFacts facts;
  private final MessageLookup lookup;
  private boolean[] optOut = new boolean[16];
  private boolean[] complaint = new boolean[16];
  private int[] sorted = new int[16];
  private String[] scope = new String[16];

  OptOutCount(RecipientFacts facts, MessageLookup lookup) {
    this.facts = facts;
    this.lookup = lookup;
  }

  /** Whether an outcome is an opt-out that counts. */
  boolean isOptOut(int o) {
    return optOut[o];
  }

  /** Whether an outcome is a complaint that counts. */
  boolean isComplaint(int o) {
    return complaint[o];
  }

  /** Finds what counts among the outcomes of the loaded recipient. */
  void count() {
    if (sorted.length < facts.outcomes) {
      optOut = new boolean[facts.kind.length];
      complaint = new boolean[facts.kind.length];
      sorted = new int[facts.kind.length];
      scope = new String[facts.kind.length];
    }
    Arrays.fill(optOut, 0, facts.outcomes, false);
    Arrays.fill(complaint, 0, facts.outcomes, false);
    int count = 0;
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.kind[o] == Kind.OPT_OUT) {
        scope[o] = facts.name(facts.about[o]);
        insert(o, count++);
      } else if (facts.kind[o] == Kind.REPLY && (facts.detail[o] & FactReader.REVOKES) != 0) {
        scope[o] = scopeOfReply(o);
        insert(o, count++);
      }
    }
    int lastOptOut = RecipientFacts.NONE;
    int lastComplaint = RecipientFacts.NONE;
    for (int k = 0; k < count; k++) {
      int o = sorted[k];
      if (isNew(o, lastOptOut)) {
        optOut[o] = true;
        lastOptOut = o;
      }
      boolean complained =
          facts.kind[o] == Kind.OPT_OUT && (facts.detail[o] & FactReader.COMPLAINT) != 0;
      if (complained && isNew(o, lastComplaint)) {
        complaint[o] = true;
        lastComplaint = o;
      }
    }
  }

  private boolean isNew(int o, int last) {
    return last == RecipientFacts.NONE
        || !scope[o].equals(scope[last])
        || facts.time[o] - facts.time[last] >= SAME_OPT_OUT_MILLIS;
  }

  private String scopeOfReply(int reply) {
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.kind[o] == Kind.OPT_OUT
          && Math.abs(facts.time[o] - facts.time[reply]) < SAME_OPT_OUT_MILLIS
          && facts.name(facts.about[o]).equals(RecipientFacts.ALL)) {
        return RecipientFacts.ALL;
      }
    }
    int list = lookup.listOf(reply);
    return list == 0 ? RecipientFacts.ALL : facts.name(list);
  }

  /** Inserts into the {@code count} sorted ones, by scope, time and id. */
  private void insert(int o, int count) {
    int at = count;
    while (at > 0 && compare(o, sorted[at - 1]) < 0) {
      sorted[at] = sorted[at - 1];
      at--;
    }
    sorted[at] = o;
  }

  private int compare(int a, int b) {
    int order = scope[a].compareTo(scope[b]);
    order = order != 0 ? order : Long.compare(facts.time[a], facts.time[b]);
    return order != 0 ? order : Long.compare(facts.id[a], facts.id[b]);
  }
}
