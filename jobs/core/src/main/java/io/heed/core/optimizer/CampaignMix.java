package io.heed.core.optimizer;

import java.util.Comparator;
import java.util.List;

/**
 * What may be requested next: the campaigns of the last 60 days, in groups of like clicks so that
 * the iteration stays cheap, and how often one is requested for a person.
 *
 * @param shares probability of each group
 * @param clicks factor of clicks of each group
 * @param optOuts factor of opt-outs of each group
 * @param intervalDays days between two requests for one person
 */
@SuppressWarnings("ArrayRecordComponent") // Read in inner loops, and never compared.
record CampaignMix(double[] shares, double[] clicks, double[] optOuts, double intervalDays) {
  private static final int GROUPS = 8;

  /** One campaign with the people that it was requested for. */
  record Requested(double click, double optOut, long people) {}

  static CampaignMix of(List<Requested> campaigns, double days) {
    List<Requested> sorted =
        campaigns.stream()
            .filter(c -> c.people > 0)
            .sorted(Comparator.comparingDouble(Requested::click).thenComparing(Requested::optOut))
            .toList();
    if (sorted.isEmpty()) {
      return new CampaignMix(new double[] {1}, new double[] {1}, new double[] {1}, 7);
    }
    int groups = Math.min(GROUPS, sorted.size());
    double[] shares = new double[groups];
    double[] clicks = new double[groups];
    double[] optOuts = new double[groups];
    long people = sorted.stream().mapToLong(Requested::people).sum();
    long reach = sorted.stream().mapToLong(Requested::people).max().orElse(1);
    for (int i = 0; i < sorted.size(); i++) {
      Requested campaign = sorted.get(i);
      int group = (int) ((long) i * groups / sorted.size());
      double share = (double) campaign.people / people;
      shares[group] += share;
      clicks[group] += share * campaign.click;
      optOuts[group] += share * campaign.optOut;
    }
    for (int group = 0; group < groups; group++) {
      clicks[group] /= shares[group];
      optOuts[group] /= shares[group];
    }
    double requestsADay = (double) people / reach / Math.max(1, days);
    return new CampaignMix(
        shares, clicks, optOuts, Math.max(1.0 / 24, Math.min(30, 1 / requestsADay)));
  }
}
