package io.heed.core.attribution;

/**
 * One touch in a conversion's path.
 *
 * @param channel its channel, {@code sms} for a message
 * @param campaignId its campaign, or null
 * @param variantId the variant of an experiment, or null
 * @param experimentId that experiment, or null
 * @param time when it was clicked, or delivered, or (in another channel) happened
 */
public record PathTouch(
    String channel, String campaignId, String variantId, String experimentId, long time) {
  /** The channel of messages. */
  public static final String SMS = "sms";

  /** The channel of a conversion without a touch. */
  public static final String NONE = "none";
}
