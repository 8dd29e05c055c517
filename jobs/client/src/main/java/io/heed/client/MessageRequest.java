package io.heed.client;

import io.heed.core.model.Category;
import io.heed.core.model.SendRequest;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A message that the sending system wants to send. The calls return the same object; do not change
 * it once it was requested.
 */
public final class MessageRequest {
  private final String recipientId;
  private final String campaignId;
  private final String listId;
  private final Category category;
  private String requestId = UUID.randomUUID().toString();
  private String experimentId;
  private Integer priority;
  private Long expiresAt;
  private String region;
  private String timeZone;
  private List<String> tags;

  /** A message of a category to one recipient. */
  public MessageRequest(Category category, String recipientId, String campaignId, String listId) {
    this.category = category;
    this.recipientId = recipientId;
    this.campaignId = campaignId;
    this.listId = listId;
  }

  /** A promotional message. */
  public static MessageRequest promotional(String recipientId, String campaignId, String listId) {
    return new MessageRequest(Category.PROMOTIONAL, recipientId, campaignId, listId);
  }

  /**
   * The id that makes a repeated request the same request; random by default. Derive it from what
   * makes the message unique, such as campaign and recipient, so that a restart repeats it.
   */
  public MessageRequest requestId(String id) {
    this.requestId = id;
    return this;
  }

  /** The experiment that draws the variant. */
  public MessageRequest experiment(String id) {
    this.experimentId = id;
    return this;
  }

  /** 0 to 100; 100 is never refused for its value. */
  public MessageRequest priority(int value) {
    this.priority = value;
    return this;
  }

  /** The request is pointless from here on. */
  public MessageRequest expiresAt(Instant instant) {
    this.expiresAt = instant.toEpochMilli();
    return this;
  }

  /** ISO 3166-2 region of the recipient, such as US-FL; needed for quiet hours of pseudonyms. */
  public MessageRequest region(String code) {
    this.region = code;
    return this;
  }

  /** IANA time zone of the recipient. */
  public MessageRequest timeZone(String id) {
    this.timeZone = id;
    return this;
  }

  /** Free tags, such as opt_out_confirmation. */
  public MessageRequest tags(String... values) {
    this.tags = List.of(values);
    return this;
  }

  public String recipientId() {
    return recipientId;
  }

  public String campaignId() {
    return campaignId;
  }

  public String listId() {
    return listId;
  }

  public Category category() {
    return category;
  }

  public String requestId() {
    return requestId;
  }

  String experimentId() {
    return experimentId;
  }

  String region() {
    return region;
  }

  String timeZone() {
    return timeZone;
  }

  List<String> tags() {
    return tags;
  }

  /** The event of one attempt: its own id, so that a repetition is no duplicate. */
  SendRequest event(long now) {
    return new SendRequest(
        UUID.randomUUID().toString(),
        now,
        recipientId,
        requestId,
        campaignId,
        listId,
        category,
        experimentId,
        priority,
        expiresAt,
        region,
        timeZone,
        tags);
  }
}
