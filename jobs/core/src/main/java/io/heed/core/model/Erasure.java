package io.heed.core.model;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A person was erased. First it names the recipient, so that the jobs expire their state; once they
 * have, the same key is written without, and what stays is the hash, the instant and what remains
 * suppressed. Its key is {@code recipient_hash}, its partition the recipient's. Written by {@code
 * heed forget} alone; it does not move event time.
 */
public record Erasure(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(
            value =
                "When it was requested, epoch milliseconds UTC: what happened up to then is erased.",
            min = EARLIEST)
        long eventTime,
    @Field(value = "The recipient; absent once every job has erased them.", optional = true)
        String recipientId,
    @Field("HMAC-SHA-256 of the recipient's id under the deployment's erasure key, base64url.")
        String recipientHash,
    @Field(value = "What stays suppressed.", optional = true, items = Erasure.MAX_SUPPRESSIONS)
        List<KeptSuppression> suppressions)
    implements Event {

  /** The most scopes that stay suppressed one by one; the gate knows half as many of a person. */
  public static final int MAX_SUPPRESSIONS = 256;

  private static final String EVERYTHING = "*";
  private static final Comparator<String> EVERYTHING_FIRST =
      Comparator.comparing((String scope) -> !scope.equals(EVERYTHING))
          .thenComparing(Comparator.naturalOrder());

  /** What stays suppressed; never null. */
  public List<KeptSuppression> kept() {
    return suppressions == null ? List.of() : suppressions;
  }

  /**
   * The same, with more that stays suppressed: of each scope the newest, of two at one instant the
   * one that comes now. Where there are too many, the newest of all suppresses everything.
   */
  public Erasure keeping(List<KeptSuppression> more) {
    Map<String, KeptSuppression> byScope = new TreeMap<>(EVERYTHING_FIRST);
    Stream.concat(kept().stream(), more.stream())
        .forEach(
            each -> byScope.merge(each.scope(), each, (a, b) -> b.since() >= a.since() ? b : a));
    if (byScope.size() > MAX_SUPPRESSIONS) {
      KeptSuppression newest =
          Collections.max(byScope.values(), Comparator.comparingLong(KeptSuppression::since));
      byScope.put(EVERYTHING, new KeptSuppression(EVERYTHING, newest.method(), newest.since()));
    }
    List<KeptSuppression> kept = byScope.values().stream().limit(MAX_SUPPRESSIONS).toList();
    return new Erasure(eventId, eventTime, recipientId, recipientHash, kept);
  }

  /** Of two erasures of one person the newer; of two records of one the second. */
  public static Erasure newer(Erasure first, Erasure second) {
    return second.eventTime >= first.eventTime ? second : first;
  }

  /** The same without the recipient: what stays. */
  public Erasure done() {
    return new Erasure(eventId, eventTime, null, recipientHash, suppressions);
  }
}
