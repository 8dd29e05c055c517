package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much more than usual a campaign is clicked, or makes people leave: Gamma-Poisson, shrunk to
 * the campaign's tags, these to the list's last weeks, and those to one. How strongly is learnt
 * from how much campaigns really differ: the variance of observed against expected, less what
 * chance alone makes.
 */
public final class FactorModel {
  /** One campaign's events against what was expected. */
  record Evidence(List<String> tags, long observed, double expected, boolean recent) {}

  /** Tags that have a factor: those of which most is expected. */
  private static final int MOST_TAGS = 100;

  private static final int ROUNDS = 4;
  private static final double MIN_VARIANCE = 1e-4;

  /** Variance between campaigns that is believed before any, and how many campaigns it weighs. */
  private static final double PRIOR_VARIANCE = 0.01;

  private static final double PRIOR_CAMPAIGNS = 3;

  /** Precision with which the list's level is believed to be one. */
  private static final double LIST_PRECISION = 50;

  private final Map<String, Double> tags = new TreeMap<>();
  private double list = 1;
  private double withinVariance = PRIOR_VARIANCE;
  private double tagVariance = PRIOR_VARIANCE;

  private FactorModel() {}

  static FactorModel fit(Collection<Evidence> campaigns) {
    FactorModel model = new FactorModel();
    List<Evidence> usable = new ArrayList<>();
    Map<String, Double> expected = new TreeMap<>();
    for (Evidence campaign : campaigns) {
      if (campaign.expected > 0) {
        usable.add(campaign);
        campaign.tags.forEach(tag -> expected.merge(tag, campaign.expected, Double::sum));
      }
    }
    expected.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(MOST_TAGS)
        .forEach(tag -> model.tags.put(tag.getKey(), 1.0));
    for (int round = 0; round < ROUNDS; round++) {
      model.fitTags(usable);
      model.fitList(usable);
      model.fitWithin(usable);
    }
    return model;
  }

  private void fitTags(List<Evidence> campaigns) {
    double sumWeight = priorWeight(tagVariance);
    double sumVariance = sumWeight * PRIOR_VARIANCE;
    Map<String, Double> next = new TreeMap<>();
    for (Map.Entry<String, Double> tag : tags.entrySet()) {
      double weights = 0;
      double sum = 0;
      for (Evidence campaign : campaigns) {
        if (campaign.tags.contains(tag.getKey())) {
          double others = mean(campaign.tags) / share(tag.getValue(), campaign.tags.size());
          double expected = campaign.expected * others;
          double weight = weight(expected);
          weights += weight;
          sum += weight * campaign.observed / expected;
        }
      }
      double precision = 1 / tagVariance;
      next.put(tag.getKey(), (precision + sum) / (precision + weights));
      if (weights > 0) {
        double raw = sum / weights;
        double reliability = weights / (weights + precision);
        double trust = reliability * reliability;
        sumVariance += trust * ((raw - 1) * (raw - 1) - 1 / weights);
        sumWeight += trust;
      }
    }
    tags.putAll(next);
    tagVariance = Math.max(MIN_VARIANCE, sumVariance / sumWeight);
  }

  private void fitList(List<Evidence> campaigns) {
    double weights = LIST_PRECISION;
    double sum = LIST_PRECISION;
    for (Evidence campaign : campaigns) {
      if (campaign.recent) {
        double expected = campaign.expected * mean(campaign.tags) / list;
        double weight = weight(expected);
        weights += weight;
        sum += weight * campaign.observed / expected;
      }
    }
    list = sum / weights;
  }

  private void fitWithin(List<Evidence> campaigns) {
    double sumWeight = priorWeight(withinVariance);
    double sumVariance = sumWeight * PRIOR_VARIANCE;
    for (Evidence campaign : campaigns) {
      double expected = campaign.expected * mean(campaign.tags);
      double reliability = expected / (expected + 1 / withinVariance);
      double trust = reliability * reliability;
      double ratio = campaign.observed / expected - 1;
      sumVariance += trust * (ratio * ratio - 1 / expected);
      sumWeight += trust;
    }
    withinVariance = Math.max(MIN_VARIANCE, sumVariance / sumWeight);
  }

  /**
   * What the variance that is believed before any campaign weighs against theirs. Their trust falls
   * with the square of the variance; so must this, or it would win again each time that campaigns
   * prove alike.
   */
  private static double priorWeight(double variance) {
    double share = Math.min(1, variance / PRIOR_VARIANCE);
    return PRIOR_CAMPAIGNS * share * share;
  }

  /** Precision of one campaign's ratio as a measure of its tags and list. */
  private double weight(double expected) {
    return expected / (1 + expected * withinVariance);
  }

  private static double share(double factor, int ofTags) {
    return StrictMath.pow(factor, 1.0 / ofTags);
  }

  private double mean(List<String> ofTags) {
    double product = 1;
    for (String tag : ofTags) {
      product *= tags.getOrDefault(tag, 1.0);
    }
    return list * (ofTags.isEmpty() ? 1 : share(product, ofTags.size()));
  }

  /** What is expected of a campaign with these tags before its first message. */
  public double prior(List<String> ofTags) {
    return mean(ofTags);
  }

  /** What is expected once some of its messages have had time. */
  public double posterior(List<String> ofTags, long observed, double expected) {
    double mean = mean(ofTags);
    double events = 1 / withinVariance;
    return mean * (events + observed) / (events + expected * mean);
  }

  void write(BinaryWriter out) {
    out.writeDouble(list);
    out.writeDouble(withinVariance);
    out.writeUnsigned(tags.size());
    tags.forEach(
        (tag, factor) -> {
          out.writeText(tag);
          out.writeDouble(factor);
        });
  }

  static FactorModel read(BinaryReader in) throws BinaryException {
    FactorModel model = new FactorModel();
    model.list = in.readDouble();
    model.withinVariance = in.readDouble();
    for (int rest = in.readCount(); rest > 0; rest--) {
      model.tags.put(in.readText(), in.readDouble());
    }
    return model;
  }
}
