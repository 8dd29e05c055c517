package io.heed.core.listhealth;

/**
 * Which message, list and campaign an outcome counts for: those of its own message, once its send
 * is known; receipts and clicks wait for it. Without a message, or while its send is unknown, a
 * reply, an opt-out or an opt-in counts for its scope if that is a list, else for the last list
 * texted within 7 days, else for the empty list.
 */
final class MessageLookup {
  private final RecipientFacts facts;

  MessageLookup(RecipientFacts facts) {
    this.facts = facts;
  }

  /** Name of the list that an outcome counts for; 0 for none. */
  int listOf(int o) {
    if (facts.index[o] != RecipientFacts.NONE) {
      return facts.list[facts.index[o]];
    }
    if (hasListScope(o)) {
      return facts.about[o];
    }
    int last = lastBefore(facts.time[o], RecipientFacts.LAST_LIST_MILLIS, 0);
    return last == RecipientFacts.NONE ? 0 : facts.list[last];
  }

  /** Name of the campaign that an outcome counts for; 0 for none. */
  int campaignOf(int o) {
    return facts.index[o] == RecipientFacts.NONE ? 0 : facts.campaign[facts.index[o]];
  }

  private boolean hasListScope(int o) {
    return facts.about[o] != 0 && !facts.name(facts.about[o]).equals(RecipientFacts.ALL);
  }

  /** The last message sent before an instant; if {@code toList} is not 0, of that list. */
  private int lastBefore(long instant, long withinMillis, int toList) {
    int last = RecipientFacts.NONE;
    for (int i = 0; i < facts.messages; i++) {
      if (facts.sentAt[i] <= instant
          && facts.sentAt[i] >= instant - withinMillis
          && (toList == 0 || facts.list[i] == toList)
          && (last == RecipientFacts.NONE
              || facts.sentAt[i] > facts.sentAt[last]
              || (facts.sentAt[i] == facts.sentAt[last] && facts.hash[i] > facts.hash[last]))) {
        last = i;
      }
    }
    return last;
  }

  /** The message that an outcome belongs to: its own, or the last before it. */
  int messageOf(int o) {
    return facts.index[o] == RecipientFacts.NONE && facts.of[o] == 0
        ? lastBefore(
            facts.time[o], RecipientFacts.COHORT_MILLIS, hasListScope(o) ? facts.about[o] : 0)
        : facts.index[o];
  }
}
