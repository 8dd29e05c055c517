package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentConfig.AssignedBy;
import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.statistics.SampleRatioTest;
import io.heed.core.statistics.SplitTest;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the arms get the recipients that the allocation promises them, and keep them.
 *
 * <p>Where the gate draws every recipient, the sample ratio is tested all the time. Where the
 * sending system assigns, arms come in batches: each campaign's totals are tested once, when it has
 * ended, at {@link SplitTest#INVALID_BELOW} times 1/(i(i+1)) for the i-th one.
 *
 * <p>A hold-out without any unit is missing, not short: its assignments may still be on their way,
 * as in a back-fill that writes sends before assignments. Nothing is concluded about it meanwhile.
 * A sending arm's units come with those of the others, where the gate draws: an empty one is short.
 */
final class AssignmentChecks {
  private static final SampleRatioTest SAMPLE_RATIO = SampleRatioTest.withDefaults();

  /** An arm that expects so many recipients and has none is reported as missing. */
  private static final double EXPECTED = 50;

  /** Fewer contaminated recipients than this are no pattern, whatever their share. */
  static final int LEAST_CONTAMINATED = 5;

  /** Above this share of contaminated recipients the experiment is invalid. */
  private static final double INVALID_CONTAMINATED = 0.05;

  private final ExperimentConfig config;
  private final int arms;

  AssignmentChecks(ExperimentPlan plan) {
    this.config = plan.config();
    this.arms = plan.arms().size();
  }

  void check(Draft draft) {
    double onAssignment = 0;
    double onDelivery = 0;
    for (Epoch epoch : draft.epochs) {
      List<Double> shares = new ArrayList<>();
      List<Double> sending = new ArrayList<>();
      List<Long> counts = new ArrayList<>();
      List<Long> delivered = new ArrayList<>();
      long all = 0;
      for (int arm = 0; arm < arms; arm++) {
        long units = draft.totals().get(epoch.number(), arm, Totals.ASSIGNED).recipients();
        boolean counted = units > 0 || arm != config.holdoutArm();
        double share = counted ? epoch.shares().get(arm) : 0;
        shares.add(share);
        sending.add(arm == config.holdoutArm() ? 0 : share);
        counts.add(units);
        delivered.add(draft.totals().get(epoch.number(), arm, Totals.DELIVERED).successes());
        draft.contaminated +=
            draft.totals().get(epoch.number(), arm, Totals.CONTAMINATED).recipients();
        all += units;
      }
      draft.assigned += all;
      for (int arm = 0; arm < arms; arm++) {
        if (counts.get(arm) == 0 && epoch.shares().get(arm) * all >= EXPECTED) {
          draft.missing.add(arm);
        }
      }
      onAssignment += logE(shares, counts);
      onDelivery += logE(sending, delivered);
    }
    if (config.assignedBy() == AssignedBy.GATE) {
      draft.sampleRatioLogP = Math.min(draft.sampleRatioLogP, -onAssignment);
      draft.deliveryRatioLogP = Math.min(draft.deliveryRatioLogP, -onDelivery);
    } else {
      draft
          .matured
          .endedCampaigns(draft.instant, config, draft.epochs)
          .forEach(run -> campaign(draft, run));
    }
  }

  private static double logE(List<Double> shares, List<Long> counts) {
    return shares.stream().filter(share -> share > 0).count() > 1
        ? SAMPLE_RATIO.logE(shares, counts)
        : 0;
  }

  private void campaign(Draft draft, CampaignRun run) {
    for (Epoch epoch : draft.epochs) {
      if (epoch.number() == run.epoch() && run.units() >= SplitTest.LEAST_UNITS) {
        List<Double> sending = new ArrayList<>(epoch.shares());
        List<Long> counts = new ArrayList<>(run.arms());
        if (config.holdoutArm() >= 0) {
          sending.remove(config.holdoutArm());
          counts.remove(config.holdoutArm());
        }
        draft.campaigns++;
        double logP =
            Math.log(SplitTest.pValue(sending, counts))
                + Math.log(draft.campaigns)
                + Math.log1p(draft.campaigns);
        draft.sampleRatioLogP = Math.min(draft.sampleRatioLogP, logP);
      }
    }
  }

  boolean isMismatch(Draft draft) {
    double below =
        config.assignedBy() == AssignedBy.GATE
            ? SampleRatioTest.INVALID_BELOW
            : SplitTest.INVALID_BELOW;
    return draft.sampleRatioLogP < Math.log(below);
  }

  boolean isContaminated(Draft draft) {
    return draft.contaminated >= LEAST_CONTAMINATED
        && draft.contaminated > INVALID_CONTAMINATED * draft.assigned;
  }
}
