package io.heed.core.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.model.Assignment;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Touch;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The experiments that are known, and how long facts are kept for them. Grows by versions. */
public final class ExperimentPlans {
  private static final long MINUTE = 60_000;
  private static final long ENDLESS_MILLIS = Duration.ofDays(366).toMillis();

  private final EffectiveVersions<ExperimentConfig> versions =
      new EffectiveVersions<>(ExperimentReader.KIND.name(), ExperimentReader.KIND.parser());
  private final Map<String, ExperimentPlan> plans = new HashMap<>();
  private final Set<Outcome.Kind> wanted = EnumSet.noneOf(Outcome.Kind.class);
  private final Set<Outcome.Kind> adjusting = EnumSet.noneOf(Outcome.Kind.class);
  private final long latenessMillis;
  private final long horizonMillis;
  private long longestWindow;
  private long longestCovariate;

  /**
   * No experiments yet.
   *
   * @param latenessMillis how late facts may come and still be part of every evaluation
   * @param horizonMillis how late they may come and still change later counts
   */
  public ExperimentPlans(long latenessMillis, long horizonMillis) {
    this.latenessMillis = latenessMillis;
    this.horizonMillis = horizonMillis;
  }

  /**
   * Takes a version; one of another kind, or a known one, changes nothing.
   *
   * @return the plan that it has made or changed, null for none
   * @throws ConfigException if the document is wrong
   */
  public ExperimentPlan add(ConfigVersion version) throws ConfigException {
    if (!version.kind().equals(ExperimentReader.KIND.name())) {
      return null;
    }
    versions.add(version);
    ExperimentPlan plan = ExperimentPlan.of(versions.all(version.id()));
    if (plan.equals(plans.put(version.id(), plan))) {
      return null;
    }
    wanted.add(Outcome.Kind.DELIVERED);
    for (Metric metric : plan.metrics()) {
      longestWindow = Math.max(longestWindow, metric.windowMillis());
      wanted.addAll(kindsOf(metric.event()));
      if (plan.config().covariateWindowMillis() > 0 && metric.isAdjustable()) {
        adjusting.addAll(kindsOf(metric.event()));
      }
      if (metric.per() != null) {
        wanted.addAll(kindsOf(metric.per()));
      }
    }
    longestCovariate = Math.max(longestCovariate, plan.config().covariateWindowMillis());
    return plan;
  }

  private static Set<Outcome.Kind> kindsOf(MetricEvent event) {
    return switch (event) {
      case CLICK ->
          EnumSet.of(Outcome.Kind.SEND, Outcome.Kind.CLICK, Outcome.Kind.CLICK_WITH_AGENT);
      case REPLY -> EnumSet.of(Outcome.Kind.REPLY, Outcome.Kind.REPLY_OPT_OUT);
      case OPT_OUT ->
          EnumSet.of(Outcome.Kind.REPLY_OPT_OUT, Outcome.Kind.OPT_OUT, Outcome.Kind.COMPLAINT);
      case COMPLAINT -> EnumSet.of(Outcome.Kind.COMPLAINT);
      case DELIVERY -> EnumSet.of(Outcome.Kind.DELIVERED);
      case CONVERSION ->
          EnumSet.of(
              Outcome.Kind.LEAD,
              Outcome.Kind.QUALIFIED,
              Outcome.Kind.PURCHASE,
              Outcome.Kind.REFUND);
    };
  }

  /** The plan of an experiment, null if there is none. */
  public ExperimentPlan get(String experimentId) {
    return plans.get(experimentId);
  }

  boolean mayCount(Event event) {
    return !plans.isEmpty()
        && !(event instanceof SendRequest || event instanceof Touch || event instanceof Assignment);
  }

  boolean wants(Outcome.Kind kind) {
    return wanted.contains(kind);
  }

  /**
   * How long an outcome can still matter: to units that are open, and to their covariate. Messages
   * and their receipts, which are most of what happens, are kept for as long as they are needed in
   * time only.
   */
  long keepUntil(Outcome outcome) {
    return switch (outcome.kind()) {
      // A click's send is needed as long as the click itself may come.
      case SEND -> outcome.time() + longestWindow + latenessMillis + MINUTE;
      case DELIVERED -> outcome.time() + longestWindow + latenessMillis;
      default ->
          outcome.time() + settled() + (adjusting.contains(outcome.kind()) ? longestCovariate : 0);
    };
  }

  /** When a unit has been counted for good. */
  long closesAt(Enrolment enrolment) {
    return enrolment.first().time() + settled();
  }

  private long settled() {
    return Math.max(horizonMillis, longestWindow + latenessMillis);
  }

  /**
   * When an assignment expires: no later exposure can count; without an end a year after the first,
   * so that nothing stays for ever. Who comes back after that is a new unit.
   */
  long expiryOf(Enrolment enrolment) {
    ExperimentPlan plan = plans.get(enrolment.experimentId());
    if (plan == null) {
      return Long.MIN_VALUE;
    }
    if (plan.config().endMillis() == Long.MAX_VALUE) {
      return Math.max(closesAt(enrolment), enrolment.first().time() + ENDLESS_MILLIS);
    }
    return plan.config().endMillis() + plan.longestWindow() + latenessMillis;
  }
}
