package io.heed.core.attribution;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Optimise;
import io.heed.core.gate.PolicyBook;
import io.heed.core.model.ConfigVersion;
import java.util.HashMap;
import java.util.Map;

/**
 * The policy that held at an instant, and the defaults where there was none; beside it the
 * programme's hold-out, which the gate's policies state. Each version has a stamp, by which a
 * conversion knows the policy that its rows were written by: a version that is dated back must
 * change all of a conversion's rows or none.
 */
public final class AttributionPolicies {
  private static final Stamped DEFAULTS = new Stamped(0, AttributionPolicy.DEFAULTS);

  private final EffectiveVersions<Stamped> versions =
      new EffectiveVersions<>(AttributionPolicy.KIND.name(), this::parse);
  private final Map<Integer, AttributionPolicy> byStamp = new HashMap<>();
  private final PolicyBook gate = new PolicyBook();
  private long longestWindowMillis = AttributionPolicy.DEFAULTS.longestWindowMillis();

  private record Stamped(int stamp, AttributionPolicy policy) {}

  public AttributionPolicies() {
    byStamp.put(DEFAULTS.stamp, DEFAULTS.policy);
  }

  /**
   * Takes a version; one of another kind changes nothing.
   *
   * @throws ConfigException if the document is wrong; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    versions.add(version);
    gate.add(version);
  }

  /** The programme's hold-out at an instant, epoch milliseconds; null for none. */
  ProgrammeHoldout holdoutAt(long instant) {
    return gate.holdoutAt(instant);
  }

  /** Whether what the optimizer earns is compared with a control on some list at an instant. */
  boolean comparesValues(long instant) {
    return gate.comparesValues(instant);
  }

  /** What the gate's policies say about optimisation of a list at an instant; null for nothing. */
  Optimise optimiseAt(String list, long instant) {
    return gate.optimiseAt(list, instant);
  }

  /** A hash of the gate's rules that hold at an instant. */
  String gateHashAt(long instant) {
    return gate.hashAt(instant);
  }

  private Stamped parse(String key, String document) throws ConfigException {
    AttributionPolicy policy = AttributionPolicy.parse(key, document);
    longestWindowMillis = Math.max(longestWindowMillis, policy.longestWindowMillis());
    byStamp.put(key.hashCode(), policy);
    return new Stamped(key.hashCode(), policy);
  }

  AttributionPolicy at(long instant) {
    return stampedAt(instant).policy;
  }

  int stampAt(long instant) {
    return stampedAt(instant).stamp;
  }

  private Stamped stampedAt(long instant) {
    // Most deployments have no file, and this is called for every touch.
    return byStamp.size() == 1
        ? DEFAULTS
        : versions.at(AttributionPolicy.KIND.name(), instant).orElse(DEFAULTS);
  }

  /** The version with that stamp; the defaults if it is gone from the topic. */
  AttributionPolicy byStamp(int stamp) {
    return byStamp.getOrDefault(stamp, AttributionPolicy.DEFAULTS);
  }

  /** The longest look-back window of any version. */
  long longestWindowMillis() {
    return longestWindowMillis;
  }
}
