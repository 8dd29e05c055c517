package io.heed.core.experiments;

import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.SampleRatioTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Alerts for an experiment's owner. */
public final class ExperimentAlerts {
  private ExperimentAlerts() {}

  /**
   * The alerts that an evaluation raises. They are raised once: their cause does not go away.
   *
   * @param before the status before
   * @param after the status now
   * @param seq version of the alerts
   * @param emittedAt wall clock, epoch milliseconds
   */
  public static List<Alert> of(
      ExperimentPlan plan,
      ExperimentStatus before,
      ExperimentStatus after,
      long seq,
      long emittedAt) {
    Builder builder = new Builder(plan, after, seq, emittedAt);
    double alertBelow = Math.log(SampleRatioTest.ALERT_BELOW);
    if (before.sampleRatioLogP() >= alertBelow && after.sampleRatioLogP() < alertBelow) {
      builder.add(
          "experiment_sample_ratio",
          AlertSeverity.CRITICAL,
          ReasonCode.SAMPLE_RATIO_MISMATCH,
          Math.exp(after.sampleRatioLogP()),
          SampleRatioTest.ALERT_BELOW);
    }
    if (before.deliveryRatioLogP() >= alertBelow && after.deliveryRatioLogP() < alertBelow) {
      builder.add(
          "experiment_delivery_ratio",
          AlertSeverity.WARNING,
          ReasonCode.SAMPLE_RATIO_MISMATCH,
          Math.exp(after.deliveryRatioLogP()),
          SampleRatioTest.ALERT_BELOW);
    }
    if (before.missing().isEmpty() != after.missing().isEmpty()) {
      boolean missing = !after.missing().isEmpty();
      builder.add(
          "experiment_arm_missing",
          missing ? AlertSeverity.CRITICAL : AlertSeverity.INFO,
          ReasonCode.COLLECTING,
          (double) after.missing().size(),
          0.0,
          missing ? AlertState.FIRING : AlertState.RESOLVED);
    }
    if (!isContaminated(before) && isContaminated(after)) {
      builder.add(
          "experiment_contaminated",
          AlertSeverity.WARNING,
          ReasonCode.CONTAMINATED,
          after.contaminatedShare(),
          ExperimentEvaluator.ALERT_CONTAMINATED);
    }
    if (!before.isFinal() && after.isFinal()) {
      builder.add("experiment_decided", AlertSeverity.INFO, after.reason(), null, null);
    }
    return builder.alerts;
  }

  private static boolean isContaminated(ExperimentStatus status) {
    return status.contaminated() >= AssignmentChecks.LEAST_CONTAMINATED
        && status.contaminatedShare() > ExperimentEvaluator.ALERT_CONTAMINATED;
  }

  /**
   * The alert for a version of a file that cannot be used.
   *
   * @param problem what is wrong
   * @param instant of the version, epoch milliseconds
   */
  public static Alert badDocument(
      String experimentId, String configHash, String problem, long instant, long now, long seq) {
    String alertId = String.join("|", "experiment_config", experimentId, configHash);
    return new Alert(
        Hashing.id(alertId + "|" + problem),
        instant,
        now,
        List.of(),
        seq,
        null,
        alertId,
        "experiment_config",
        AlertSeverity.CRITICAL,
        experimentId,
        null,
        null,
        AlertState.FIRING,
        Map.of("config_hash", configHash, "problem", problem));
  }

  private static final class Builder {
    private final ExperimentPlan plan;
    private final ExperimentStatus status;
    private final long seq;
    private final long emittedAt;
    private final List<Alert> alerts = new ArrayList<>();

    Builder(ExperimentPlan plan, ExperimentStatus status, long seq, long emittedAt) {
      this.plan = plan;
      this.status = status;
      this.seq = seq;
      this.emittedAt = emittedAt;
    }

    void add(
        String kind, AlertSeverity severity, ReasonCode reason, Double value, Double threshold) {
      add(kind, severity, reason, value, threshold, AlertState.FIRING);
    }

    void add(
        String kind,
        AlertSeverity severity,
        ReasonCode reason,
        Double value,
        Double threshold,
        AlertState state) {
      String id = plan.config().id();
      String alertId = kind + "|" + id;
      alerts.add(
          new Alert(
              Hashing.id(alertId + "|" + status.evaluatedAt() + "|" + value),
              status.evaluatedAt(),
              emittedAt,
              List.of(reason),
              seq,
              plan.heldAt(status.evaluatedAt()).configHash(),
              alertId,
              kind,
              severity,
              id,
              value,
              threshold,
              state,
              Map.of(
                  "state", status.state().name(),
                  "owner", plan.config().owner(),
                  "assigned", status.assigned(),
                  "contaminated", status.contaminated())));
    }
  }
}
