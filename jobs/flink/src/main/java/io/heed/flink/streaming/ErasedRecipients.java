package io.heed.flink.streaming;

import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was erased, by keyed hash, so that nobody's id is kept for it. An operator knows every
 * erasure before its first record and takes new ones as they come; so what comes again after the
 * erasure is recognised, after a restart as well. Costs nothing while nobody was erased, then a
 * hash an event. Not safe for concurrent use.
 */
public final class ErasedRecipients {
  private static final Logger LOG = LoggerFactory.getLogger(ErasedRecipients.class);

  private final KeyedHash hash;
  private final Map<String, Erasure> byHash = new HashMap<>();

  /** Identities of the erasures that were known at the start. */
  private final Set<String> known = new HashSet<>();

  /**
   * @param hash null without a key
   * @param erasures known at the start, oldest first
   * @throws IllegalStateException if there are any and no key
   */
  public ErasedRecipients(KeyedHash hash, List<Erasure> erasures) {
    if (hash == null && !erasures.isEmpty()) {
      throw new IllegalStateException(
          "people were erased (%d records of sms.erasure), and without their key this job would not recognise them: give --erasure-key FILE, as heed forget has it"
              .formatted(erasures.size()));
    }
    this.hash = hash;
    for (Erasure erasure : erasures) {
      add(erasure);
      known.add(erasure.eventId());
    }
  }

  /** Nobody was erased. */
  public static ErasedRecipients none() {
    return new ErasedRecipients(null, List.of());
  }

  /** Takes a record; the newest of each person holds, in whatever order they are read. */
  public void add(Erasure erasure) {
    if (!recognises(erasure)) {
      LOG.error(
          "A person is erased, but what comes of them later cannot be recognised: {}",
          hash == null ? "give --erasure-key" : "heed forget had another --erasure-key");
    }
    byHash.merge(erasure.recipientHash(), erasure, Erasure::newer);
  }

  /** Whether the person will be recognised; assumed of a record that no longer names them. */
  public boolean recognises(Erasure erasure) {
    return hash != null
        && (erasure.recipientId() == null
            || hash.of(erasure.recipientId()).equals(erasure.recipientHash()));
  }

  /**
   * Whether the state of the person has to go. Not where the operator has started without state and
   * with this erasure known: then what it has of them is newer, if it recognises them.
   */
  public boolean clears(Erasure erasure, boolean restored) {
    return restored || !known.contains(erasure.eventId()) || !recognises(erasure);
  }

  /** The erasure of a person, or null. */
  public Erasure of(String recipientId) {
    return byHash.isEmpty() || hash == null ? null : byHash.get(hash.of(recipientId));
  }

  /** Whether a record is about an erased person, from before the erasure. */
  public boolean covers(Object content) {
    if (byHash.isEmpty() || content instanceof Erasure) {
      return false;
    }
    if (content instanceof Event event) {
      return covers(event.recipientId(), event.eventTime());
    }
    if (content instanceof SuppressionDecision decision) {
      return covers(decision.recipientId(), decision.decidedAt());
    }
    if (content instanceof FrequencyCapDecision decision) {
      return covers(decision.recipientId(), decision.decidedAt());
    }
    if (content instanceof SendVerdict verdict) {
      return covers(verdict.recipientId(), verdict.decidedAt());
    }
    if (content instanceof RecipientSignal signal) {
      return covers(signal.recipientId(), signal.decidedAt());
    }
    return content instanceof AttributionCreditRow row
        && covers(row.recipientId(), row.conversionTime());
  }

  private boolean covers(String recipientId, long time) {
    Erasure erasure = recipientId == null ? null : of(recipientId);
    return erasure != null && time <= erasure.eventTime();
  }
}
