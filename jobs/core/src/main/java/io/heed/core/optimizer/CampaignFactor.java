package io.heed.core.optimizer;

/**
 * What is known of a campaign now, made again every minute of event time.
 *
 * @param clickMillis how much it is clicked against the average campaign, in thousandths
 * @param optOutMillis how much it makes people leave, in thousandths
 * @param open whether the pilot has brought enough to decide for everybody else
 */
public record CampaignFactor(int clickMillis, int optOutMillis, boolean open) {
  /** A campaign like any other. */
  public static final CampaignFactor AVERAGE = new CampaignFactor(1000, 1000, true);

  static CampaignFactor of(double click, double optOut, boolean open) {
    return new CampaignFactor(
        (int) Math.round(1000 * click), (int) Math.round(1000 * optOut), open);
  }
}
