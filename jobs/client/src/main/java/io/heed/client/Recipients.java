package io.heed.client;

import io.heed.core.model.Event;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.RecordShape;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * The one form of a recipient's id on the wire: a phone number in E.164, or its pseudonym where the
 * deployment has a key.
 */
public final class Recipients {
  private final RecipientIds ids;
  private final Pseudonyms pseudonyms;

  /**
   * Ids of a deployment.
   *
   * @param country ISO 3166-1 code of the country of numbers without a plus, as the jobs'
   *     --default-country, or none
   * @param pseudonyms null to leave ids as they are
   */
  public Recipients(String country, Pseudonyms pseudonyms) {
    this.ids = new RecipientIds(country);
    this.pseudonyms = pseudonyms;
  }

  /** Whether ids are replaced by pseudonyms. */
  public boolean arePseudonyms() {
    return pseudonyms != null;
  }

  /** The id on the wire. */
  public String onTheWire(String recipientId) {
    String canonical = ids.canonical(recipientId, null);
    return pseudonyms == null ? canonical : pseudonyms.of(canonical);
  }

  /** The event with its recipient's id on the wire. */
  @SuppressWarnings("unchecked")
  public <E extends Event> E onTheWire(E event) {
    return (E) RecordShape.with(event, "recipient_id", onTheWire(event.recipientId()));
  }

  /** The partition of an id on the wire, as Kafka's default partitioner chooses it. */
  static int partition(String idOnTheWire, int partitions) {
    byte[] key = idOnTheWire.getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }
}
