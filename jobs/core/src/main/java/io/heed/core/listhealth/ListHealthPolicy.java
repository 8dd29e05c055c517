package io.heed.core.listhealth;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.Document;
import io.heed.core.config.DocumentKind;
import io.heed.core.model.AlertSeverity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * When list health raises an alert.
 *
 * @param effectiveFrom instant from which it holds; null: from its publication on
 * @param maxAgeMillis an alert whose instant is older when it is found is not raised
 * @param hysteresis an alert ends once the measure is below this share of its threshold
 * @param optOutRate opt-outs of a day's sends
 * @param deliveryDrop delivered messages against those of the days before
 * @param silentInput topics that have fallen silent
 */
public record ListHealthPolicy(
    Instant effectiveFrom,
    long maxAgeMillis,
    double hysteresis,
    OptOutRate optOutRate,
    DeliveryDrop deliveryDrop,
    SilentInput silentInput)
    implements Document {

  /** There is one such document, and this is its id. */
  public static final String ID = "list-health";

  /** The kind of {@code policies/list-health.yaml}. */
  public static final DocumentKind<ListHealthPolicy> KIND =
      new DocumentKind<>(ID, "policies/list-health.yaml", ListHealthPolicy::parse);

  /** What holds without a document: the thresholds of carriers and resellers. */
  public static final ListHealthPolicy DEFAULT =
      new ListHealthPolicy(
          null,
          Duration.ofHours(24).toMillis(),
          0.8,
          new OptOutRate(
              List.of(
                  new Level(0.02, AlertSeverity.WARNING),
                  new Level(0.05, AlertSeverity.CRITICAL),
                  new Level(0.10, AlertSeverity.CRITICAL)),
              500,
              10),
          new DeliveryDrop(0.10, 200, 1_000, Duration.ofHours(1).toMillis(), 2),
          new SilentInput(
              Duration.ofMinutes(30).toMillis(), 20, Duration.ofHours(6).toMillis(), 1_000));

  /**
   * One threshold.
   *
   * @param at the rate from which it is crossed, a share from 0 to 1
   * @param severity how urgent the alert then is
   */
  public record Level(double at, AlertSeverity severity) {}

  /**
   * Opt-outs among the sends of one UTC day of one list, and of one campaign in it.
   *
   * @param levels thresholds, rising
   * @param minimumSends fewer sends raise no alert
   * @param minimumOptOuts fewer opt-outs raise no alert
   */
  public record OptOutRate(List<Level> levels, long minimumSends, long minimumOptOuts) {
    public OptOutRate {
      levels = List.copyOf(levels);
      if (levels.isEmpty()) {
        throw new IllegalArgumentException("at least one level is needed");
      }
      for (int i = 1; i < levels.size(); i++) {
        if (levels.get(i).at() <= levels.get(i - 1).at()) {
          throw new IllegalArgumentException("levels must rise");
        }
      }
    }
  }

  /**
   * The share of an hour's messages that was delivered, against that of the 7 days before.
   *
   * @param points how much lower it must be, 0.1 for ten points of a hundred
   * @param minimumMessages an hour with fewer is passed over
   * @param minimumBaseline without so many messages in the days before there is no alert
   * @param settleMillis how long after its end an hour is judged, so that receipts have come
   * @param calmHours an alert ends after so many hours without a drop
   */
  public record DeliveryDrop(
      double points,
      long minimumMessages,
      long minimumBaseline,
      long settleMillis,
      int calmHours) {}

  /**
   * A topic without events while sends go on, or no event at all.
   *
   * @param afterMillis least silence of a topic
   * @param minimumExpected events that the sends since then would have brought at the usual rate
   * @param allAfterMillis least silence of all topics together
   * @param minimumEvents traffic of the day before, without which nothing is missed
   */
  public record SilentInput(
      long afterMillis, long minimumExpected, long allAfterMillis, long minimumEvents) {}

  /**
   * Reads a document; what it omits is as in {@link #DEFAULT}.
   *
   * @throws ConfigException with every mistake
   */
  public static ListHealthPolicy parse(String name, String document) throws ConfigException {
    return ConfigReader.read(name, document, ListHealthPolicy::read);
  }

  private static ListHealthPolicy read(ConfigNode root) {
    return new ListHealthPolicy(
        root.optional("effective_from").map(ConfigNode::instant).orElse(null),
        millis(root, "max_age", DEFAULT.maxAgeMillis, Duration.ofMinutes(10), Duration.ofDays(35)),
        share(root, "hysteresis", DEFAULT.hysteresis),
        root.optional("opt_out_rate")
            .map(n -> n.as(ListHealthPolicy::optOutRate))
            .orElse(DEFAULT.optOutRate),
        root.optional("delivery_drop")
            .map(n -> n.as(ListHealthPolicy::deliveryDrop))
            .orElse(DEFAULT.deliveryDrop),
        root.optional("silent_input")
            .map(n -> n.as(ListHealthPolicy::silentInput))
            .orElse(DEFAULT.silentInput));
  }

  private static OptOutRate optOutRate(ConfigNode node) {
    OptOutRate orElse = DEFAULT.optOutRate;
    return new OptOutRate(
        node.optional("levels")
            .map(
                n ->
                    n.list(
                        level ->
                            new Level(
                                level.required("at").decimal("0.0001", "1").doubleValue(),
                                level.required("severity").oneOf(AlertSeverity.class))))
            .orElse(orElse.levels),
        count(node, "minimum_sends", orElse.minimumSends),
        count(node, "minimum_opt_outs", orElse.minimumOptOuts));
  }

  private static DeliveryDrop deliveryDrop(ConfigNode node) {
    DeliveryDrop orElse = DEFAULT.deliveryDrop;
    return new DeliveryDrop(
        share(node, "drop", orElse.points),
        count(node, "minimum_messages", orElse.minimumMessages),
        count(node, "minimum_baseline_messages", orElse.minimumBaseline),
        millis(node, "settle", orElse.settleMillis, Duration.ZERO, Duration.ofDays(3)),
        (int)
            (long)
                node.optional("calm_hours")
                    .map(n -> n.integer(1, 168))
                    .orElse((long) orElse.calmHours));
  }

  private static SilentInput silentInput(ConfigNode node) {
    SilentInput orElse = DEFAULT.silentInput;
    Duration least = Duration.ofMillis(AlertRules.SILENCE_BUCKET_MILLIS);
    Duration most = Duration.ofHours(12);
    return new SilentInput(
        millis(node, "after", orElse.afterMillis, least, most),
        count(node, "minimum_expected", orElse.minimumExpected),
        millis(node, "all_after", orElse.allAfterMillis, least, most),
        count(node, "minimum_events", orElse.minimumEvents));
  }

  private static long count(ConfigNode node, String field, long orElse) {
    return node.optional(field).map(n -> n.integer(1, Integer.MAX_VALUE)).orElse(orElse);
  }

  private static double share(ConfigNode node, String field, double orElse) {
    return node.optional(field).map(n -> n.decimal("0.001", "1").doubleValue()).orElse(orElse);
  }

  private static long millis(
      ConfigNode node, String field, long orElse, Duration least, Duration most) {
    return node.optional(field).map(n -> n.duration(least, most).toMillis()).orElse(orElse);
  }

  @Override
  public String id() {
    return ID;
  }

  /** The version as alerts name it. */
  String version() {
    return ID + (effectiveFrom == null ? "" : "@" + effectiveFrom);
  }
}
