package io.heed.core.gate;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.model.ConfigVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All policies over time. Between two instants from which some version holds the same rules hold,
 * and they are worked out once. Not safe for concurrent use.
 */
public final class PolicyBook {
  private record Versioned(Policy policy, String hash) {}

  private final EffectiveVersions<Versioned> versions =
      new EffectiveVersions<>(
          Policy.KIND.name(),
          (name, document) ->
              new Versioned(
                  Policy.KIND.parser().parse(name, document),
                  name.substring(name.lastIndexOf('|') + 1)));

  private final Set<String> ids = new TreeSet<>();
  private final TreeMap<Long, Rules> rulesFrom = new TreeMap<>();
  private final Set<String> touchChannels = new HashSet<>();
  private int largestLimit = Rules.CUSTOMARY_LIMIT;
  private Rules last;
  private long lastFrom;
  private long lastUntil;

  public PolicyBook() {
    rulesFrom.put(Long.MIN_VALUE, null);
  }

  /**
   * Takes a version of a document; one that is no policy, or that is known, changes nothing.
   *
   * @throws ConfigException if it is a wrong policy; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    if (!version.kind().equals(Policy.KIND.name())) {
      return;
    }
    versions.add(version);
    ids.add(version.id());
    rulesFrom.put(version.effectiveFrom(), null);
    rulesFrom.replaceAll((from, rules) -> null);
    last = null;
    Policy policy = versions.at(version.id(), version.effectiveFrom()).orElseThrow().policy();
    policy.caps().forEach(cap -> touchChannels.addAll(cap.touches()));
    policy.caps().forEach(cap -> largestLimit = Math.max(largestLimit, cap.limit()));
  }

  /** Whether some version of a policy counts touches of a channel. */
  public boolean countsTouchesOf(String channel) {
    return touchChannels.contains(channel);
  }

  /** The largest limit of a cap in any version of a policy. */
  int largestLimit() {
    return largestLimit;
  }

  /** The rules that hold at an instant, epoch milliseconds. */
  public Rules at(long instant) {
    if (last != null && instant >= lastFrom && instant < lastUntil) {
      return last;
    }
    lastFrom = rulesFrom.floorKey(instant);
    Long next = rulesFrom.higherKey(instant);
    lastUntil = next == null ? Long.MAX_VALUE : next;
    last = rulesFrom.get(lastFrom);
    if (last == null) {
      last = rules(lastFrom);
      rulesFrom.put(lastFrom, last);
    }
    return last;
  }

  /** The programme's hold-out at an instant, epoch milliseconds; null for none. */
  public ProgrammeHoldout holdoutAt(long instant) {
    return at(instant).holdoutAt(instant);
  }

  /** What the policies say about optimisation of a list at an instant; null for nothing. */
  public Optimise optimiseAt(String list, long instant) {
    return at(instant).of(list).optimise();
  }

  /** Whether some policy at an instant compares what the optimizer earns with a control. */
  public boolean comparesValues(long instant) {
    return at(instant).comparesValues();
  }

  /** A hash of the rules that hold at an instant: of the policies and of what is shipped. */
  public String hashAt(long instant) {
    return at(instant).hash();
  }

  private Rules rules(long from) {
    List<Policy> policies = new ArrayList<>();
    List<String> hashes = new ArrayList<>();
    for (String id : ids) {
      versions
          .at(id, from)
          .ifPresent(
              held -> {
                policies.add(held.policy());
                hashes.add(held.hash());
              });
    }
    return new Rules(policies, hashes);
  }
}
