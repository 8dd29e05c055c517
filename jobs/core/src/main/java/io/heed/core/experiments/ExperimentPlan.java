package io.heed.core.experiments;

import io.heed.core.model.ConfigVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * What the versions of an experiment's file make of it together: the rules of the test, which the
 * last version before its start lays down for good, and the epochs, which changed weights open.
 */
public final class ExperimentPlan {
  private static final long LONGEST_DELIVERY_MILLIS = 86_400_000L;
  private static final long WEEK_MILLIS = 7 * 86_400_000L;

  private final ExperimentConfig config;
  private final List<Epoch> epochs;
  private final List<Held> versions;
  private final List<String> refused;
  private final List<String> arms;
  private final List<Metric> metrics;
  private final long longestWindow;

  /**
   * A time over which the allocation is constant.
   *
   * @param number from 0
   * @param from instant from which it holds, epoch milliseconds
   * @param shares of the arms, which sum to 1
   */
  public record Epoch(int number, long from, List<Double> shares) {
    /** Copies the shares. */
    public Epoch {
      shares = List.copyOf(shares);
    }

    /** An epoch with those shares. */
    public static Epoch of(int number, long from, double... shares) {
      return new Epoch(number, from, Arrays.stream(shares).boxed().toList());
    }

    /** The probability of arm b within the pair; 0 or 1 if only one of them is sent to. */
    double shareWithinPair(int a, int b) {
      return shares.get(b) / (shares.get(a) + shares.get(b));
    }

    /** Whether units of this epoch are evidence about the pair. */
    boolean compares(int a, int b) {
      return shares.get(a) > 0 && shares.get(b) > 0;
    }
  }

  /**
   * A version of the file.
   *
   * @param configHash its hash
   * @param from instant from which it holds, epoch milliseconds
   * @param sendWinner what happens on a winner
   * @param audience whose requests take part
   */
  public record Held(String configHash, long from, boolean sendWinner, Audience audience) {}

  private ExperimentPlan(
      ExperimentConfig config, List<Epoch> epochs, List<Held> versions, List<String> refused) {
    this.config = config;
    this.epochs = List.copyOf(epochs);
    this.versions = List.copyOf(versions);
    this.refused = List.copyOf(refused);
    this.arms = config.arms();
    this.metrics = config.allMetrics();
    this.longestWindow = metrics.stream().mapToLong(Metric::windowMillis).max().orElseThrow();
  }

  /** The plan of one version alone, from its start on. */
  public static ExperimentPlan of(ExperimentConfig config, String configHash) {
    long start = config.start().toEpochMilli();
    return new ExperimentPlan(
        config,
        List.of(Epoch.of(0, start, config.shares())),
        List.of(new Held(configHash, start, config.sendWinner(), config.audience())),
        List.of());
  }

  /**
   * Reads the versions.
   *
   * @param versions at least one, in the order in which they come to hold
   */
  public static ExperimentPlan of(SortedMap<ConfigVersion, ExperimentConfig> versions) {
    ExperimentConfig rules = versions.get(versions.firstKey());
    for (Map.Entry<ConfigVersion, ExperimentConfig> version : versions.entrySet()) {
      if (version.getKey().effectiveFrom() <= rules.start().toEpochMilli()) {
        rules = version.getValue();
      }
    }
    long start = rules.start().toEpochMilli();
    List<Epoch> epochs = new ArrayList<>();
    List<Held> held = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (Map.Entry<ConfigVersion, ExperimentConfig> entry : versions.entrySet()) {
      ConfigVersion version = entry.getKey();
      ExperimentConfig config = entry.getValue();
      var changed = rules.changedRule(config);
      if (changed.isPresent()) {
        if (version.effectiveFrom() > start) {
          refused.add(refusal(version.configHash(), changed.get()));
        }
        continue;
      }
      long from = held.isEmpty() ? start : Math.max(start, version.effectiveFrom());
      Epoch last = epochs.isEmpty() ? null : epochs.get(epochs.size() - 1);
      Epoch next = Epoch.of(epochs.size(), from, config.shares());
      if (last != null && last.from() == from) {
        epochs.set(epochs.size() - 1, Epoch.of(last.number(), from, config.shares()));
      } else if (last == null || !last.shares().equals(next.shares())) {
        epochs.add(next);
      }
      held.add(new Held(version.configHash(), from, config.sendWinner(), config.audience()));
    }
    return new ExperimentPlan(rules, epochs, held, refused);
  }

  private static String refusal(String configHash, String rule) {
    return "version %s would change '%s' after the start: publish it as a new experiment"
        .formatted(configHash, rule);
  }

  /** The rules of the test. */
  public ExperimentConfig config() {
    return config;
  }

  /** The allocations of the file, in order; a bandit's later ones come from the engine. */
  public List<Epoch> epochs() {
    return epochs;
  }

  /** Versions that would change the rules after the start, as messages. */
  public List<String> refused() {
    return refused;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ExperimentPlan plan
        && plan.config.equals(config)
        && plan.epochs.equals(epochs)
        && plan.versions.equals(versions)
        && plan.refused.equals(refused);
  }

  @Override
  public int hashCode() {
    return Objects.hash(config, epochs, versions);
  }

  /** The version that held at an instant. */
  public Held heldAt(long instant) {
    Held last = versions.get(0);
    for (Held held : versions) {
      last = held.from() <= instant ? held : last;
    }
    return last;
  }

  /** The epoch of the file that held at an instant. */
  public Epoch epochAt(long instant) {
    Epoch last = epochs.get(0);
    for (Epoch epoch : epochs) {
      last = epoch.from() <= instant ? epoch : last;
    }
    return last;
  }

  /** The ids of the arms: the variants in the file's order, then the hold-out. */
  public List<String> arms() {
    return arms;
  }

  /** The primary metric, the others and the guardrails', in this order. */
  public List<Metric> metrics() {
    return metrics;
  }

  /** The longest window of a metric. */
  long longestWindow() {
    return longestWindow;
  }

  /** How long the delivery of a message is waited for. */
  long deliveryWindow() {
    return Math.min(LONGEST_DELIVERY_MILLIS, config.primaryMetric().windowMillis());
  }

  /** The step at which the last unit of the primary metric has matured. */
  long expiresAt() {
    return config.endMillis() == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : stepOf(config.endMillis() + config.primaryMetric().windowMillis());
  }

  /**
   * The step at which the units of the whole weeks have matured that must pass before anything but
   * harm is decided.
   */
  long decidesFrom() {
    long weeks = config.minimumWeeks() * WEEK_MILLIS;
    return weeks == 0
        ? Long.MIN_VALUE
        : Math.min(
            expiresAt(),
            stepOf(config.start().toEpochMilli() + weeks + config.primaryMetric().windowMillis()));
  }

  /** Whether an exposure at that instant counts. */
  public boolean covers(long instant) {
    return instant >= config.start().toEpochMilli() && instant < config.endMillis();
  }

  /**
   * The first evaluation after every fact before {@code instant} is known: the step it falls in.
   */
  public long stepOf(long instant) {
    long every = config.evaluateEveryMillis();
    return Math.floorDiv(instant + every - 1, every) * every;
  }
}
