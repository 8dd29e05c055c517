package io.heed.core.attribution;

import io.heed.core.gate.Optimise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What follows from a recipient's history. Everything here is a function of the facts alone, never
 * of the order in which they came, and what belongs to a day follows from facts up to that day's
 * end, so that a back-fill that has read ahead finds the same.
 */
final class PathBuilder {
  /** Touches of a path: of a longer one the newest; the longest of path_data has 89. */
  static final int PATH_TOUCHES = 128;

  /** A refund belongs to its original within this time. */
  static final long REFUND_MILLIS = 120 * Days.MILLIS;

  private static final Comparator<Sighting> ORDER =
      Comparator.comparingLong(Sighting::time)
          .thenComparing(sighting -> sighting.touchpoint.message)
          .thenComparingLong(sighting -> sighting.touchpoint.id);

  private final History history;
  private final AttributionPolicies policies;

  PathBuilder(History history, AttributionPolicies policies) {
    this.history = history;
    this.policies = policies;
  }

  /**
   * A touchpoint as it was at an instant: clicked, or delivered, or in another channel.
   *
   * @param expiry the last instant at which a conversion would find it in its look-back
   */
  record Sighting(Touchpoint touchpoint, long time, boolean click, long expiry) {}

  /**
   * The touches that a conversion at an instant finds in its look-back: of a message its first
   * click if that was before, else its delivery.
   */
  List<Sighting> lookBack(long instant, AttributionPolicy policy) {
    return newest(wholeLookBack(instant, policy));
  }

  /** How many touches a conversion's path leaves out, since it would be too long. */
  int leftOut(long instant) {
    return Math.max(0, wholeLookBack(instant, policies.at(instant)).size() - PATH_TOUCHES);
  }

  private List<Sighting> wholeLookBack(long instant, AttributionPolicy policy) {
    List<Sighting> path = new ArrayList<>();
    for (Touchpoint touchpoint : history.touchpoints) {
      long clickedAt = touchpoint.clickedAt();
      boolean click = clickedAt <= instant;
      long time = click ? clickedAt : touchpoint.deliveredAt;
      // NEVER is later than any instant.
      if (time <= instant && time + window(policy, touchpoint, click) >= instant) {
        path.add(sighting(touchpoint, time, click, policy));
      }
    }
    path.sort(ORDER);
    return path;
  }

  /** Every conversion with its path, in the order of the history. */
  List<Attributed> conversions() {
    if (history.conversions.isEmpty()) {
      return List.of();
    }
    Map<String, Converted> originals = originals();
    List<Attributed> attributed = new ArrayList<>(history.conversions.size());
    for (Converted conversion : history.conversions) {
      Converted original = originalOf(conversion, originals);
      if (original == null) {
        attributed.add(new Attributed(conversion, conversion.time(), List.of()));
      } else {
        AttributionPolicy policy = policies.byStamp(conversion.stamp());
        List<PathTouch> path =
            lookBack(original.time(), policy).stream().map(s -> s.touchpoint.at(s.time)).toList();
        attributed.add(new Attributed(conversion, original.time(), path));
      }
    }
    return attributed;
  }

  /** Gives every conversion the policy that holds for it now. */
  void stamp() {
    if (!history.conversions.isEmpty()) {
      Map<String, Converted> originals = originals();
      history.conversions.replaceAll(
          conversion -> {
            Converted original = originalOf(conversion, originals);
            int stamp = policies.stampAt((original == null ? conversion : original).time());
            return stamp == conversion.stamp() ? conversion : conversion.withStamp(stamp);
          });
    }
  }

  private Map<String, Converted> originals() {
    Map<String, Converted> originals = new HashMap<>();
    for (Converted conversion : history.conversions) {
      if (!conversion.isRefund()) {
        // Of a deal's stages the last one has the revenue.
        originals.merge(
            conversion.id(), conversion, (a, b) -> a.kind().compareTo(b.kind()) > 0 ? a : b);
      }
    }
    return originals;
  }

  /** The conversion whose path it has: of a refund its original, or null; else itself. */
  private static Converted originalOf(Converted conversion, Map<String, Converted> originals) {
    if (!conversion.isRefund()) {
      return conversion;
    }
    Converted original = originals.get(conversion.refundedId());
    return original != null && Math.abs(conversion.time() - original.time()) <= REFUND_MILLIS
        ? original
        : null;
  }

  /**
   * The paths that ended without a conversion. A run of touches goes on as long as each comes while
   * an earlier one is still in its look-back; it ends in a conversion, or when the last look-back
   * has passed. Its path are the touches still in their look-back at its last touch.
   */
  List<PathFact> unconverted() {
    List<Sighting> sightings = sightings();
    long[] conversions = conversionTimes();
    List<PathFact> ended = new ArrayList<>();
    int from = 0;
    int nextConversion = 0;
    while (from < sightings.size()) {
      long start = sightings.get(from).time;
      while (nextConversion < conversions.length && conversions[nextConversion] < start) {
        nextConversion++;
      }
      long until =
          nextConversion < conversions.length ? conversions[nextConversion] : Long.MAX_VALUE;
      long expiry = sightings.get(from).expiry;
      int to = from + 1;
      while (to < sightings.size() && sightings.get(to).time <= Math.min(expiry, until)) {
        expiry = Math.max(expiry, sightings.get(to++).expiry);
      }
      if (until > expiry) {
        ended.add(new PathFact(Days.of(expiry), channels(sightings.subList(from, to)), false, 1));
      }
      from = to;
    }
    return ended;
  }

  private long[] conversionTimes() {
    long[] times = new long[history.conversions.size()];
    int found = 0;
    for (Converted conversion : history.conversions) {
      if (!conversion.isRefund()) {
        times[found++] = conversion.time();
      }
    }
    Arrays.sort(times, 0, found);
    return Arrays.copyOf(times, found);
  }

  /**
   * What each exposure's window holds.
   *
   * @param conversions those of {@link #conversions}
   */
  List<LiftFact> units(List<Attributed> conversions) {
    if (history.exposures.isEmpty()) {
      return List.of();
    }
    return history.exposures.stream().map(exposure -> unit(exposure, conversions)).toList();
  }

  private LiftFact unit(ExperimentExposure exposure, List<Attributed> conversions) {
    long end = exposure.time() + policies.at(exposure.time()).liftWindow().toMillis();
    long[] outcomes = new long[LiftMetric.values().length];
    long[] credited = new long[outcomes.length];
    for (Attributed attributed : conversions) {
      Converted conversion = attributed.conversion();
      if (conversion.time() >= exposure.time() && conversion.time() < end) {
        LiftMetric.add(outcomes, conversion);
        // A refund dated before its original finds it too late for a unit that has matured.
        boolean known = attributed.modelTime() <= conversion.time();
        if (known && earnedBy(exposure, attributed.path())) {
          LiftMetric.add(credited, conversion);
        }
      }
    }
    if (exposure.isOptimizer()) {
      value(exposure, end, outcomes);
    }
    return new LiftFact(
        exposure.experimentId(),
        exposure.variantId(),
        exposure.epoch(),
        exposure.holdout(),
        Days.of(end),
        LiftMetric.list(outcomes),
        LiftMetric.list(credited),
        1);
  }

  /** What the list has of a recipient in the optimizer's comparison. */
  private void value(ExperimentExposure exposure, long end, long[] outcomes) {
    boolean left = !history.optOuts.subSet(exposure.time(), end).isEmpty();
    outcomes[LiftMetric.OPT_OUT.ordinal()] = left ? 1 : 0;
    Optimise policy =
        policies.optimiseAt(Optimise.listOf(exposure.experimentId()), exposure.time());
    double margin = policy == null ? 0 : policy.margin();
    long net = Math.round(margin * outcomes[LiftMetric.REVENUE.ordinal()]);
    for (Touchpoint message : history.touchpoints) {
      if (message.sentAt >= exposure.time() && message.sentAt < end) {
        net -= message.costMicros;
      }
    }
    outcomes[LiftMetric.NET_VALUE.ordinal()] = net - (left ? exposure.subscriberMicros() : 0);
  }

  private static boolean earnedBy(ExperimentExposure exposure, List<PathTouch> path) {
    if (path.isEmpty()) {
      return false;
    }
    PathTouch last = path.get(path.size() - 1);
    if (exposure.isProgramme() || exposure.isOptimizer()) {
      return last.channel().equals(PathTouch.SMS);
    }
    return exposure.experimentId().equals(last.experimentId())
        && exposure.variantId().equals(last.variantId());
  }

  /** Every sighting, in order: a message may have two, delivered and then clicked. */
  private List<Sighting> sightings() {
    List<Sighting> sightings = new ArrayList<>();
    for (Touchpoint touchpoint : history.touchpoints) {
      long clickedAt = touchpoint.clickedAt();
      if (touchpoint.deliveredAt < clickedAt) {
        sightings.add(
            sighting(
                touchpoint, touchpoint.deliveredAt, false, policies.at(touchpoint.deliveredAt)));
      }
      if (clickedAt != Touchpoint.NEVER) {
        sightings.add(sighting(touchpoint, clickedAt, true, policies.at(clickedAt)));
      }
    }
    sightings.sort(ORDER);
    return sightings;
  }

  private static Sighting sighting(
      Touchpoint touchpoint, long time, boolean click, AttributionPolicy policy) {
    return new Sighting(touchpoint, time, click, time + window(policy, touchpoint, click));
  }

  private static List<String> channels(List<Sighting> run) {
    long last = run.get(run.size() - 1).time;
    List<Sighting> path = new ArrayList<>(run.size());
    for (Sighting sighting : run) {
      boolean replaced = !sighting.click && sighting.touchpoint.clickedAt() <= last;
      if (sighting.expiry >= last && !replaced) {
        path.add(sighting);
      }
    }
    List<String> channels = new ArrayList<>(path.size());
    newest(path).forEach(sighting -> channels.add(sighting.touchpoint.channel));
    return channels;
  }

  private static List<Sighting> newest(List<Sighting> path) {
    return path.size() <= PATH_TOUCHES
        ? path
        : path.subList(path.size() - PATH_TOUCHES, path.size());
  }

  /** When the last look-back on a touchpoint has passed. */
  long lastExpiry(Touchpoint touchpoint) {
    long last = touchpoint.firstTime();
    if (touchpoint.deliveredAt != Touchpoint.NEVER) {
      last = Math.max(last, expiry(touchpoint, touchpoint.deliveredAt, false));
    }
    long clickedAt = touchpoint.clickedAt();
    if (clickedAt != Touchpoint.NEVER) {
      last = Math.max(last, expiry(touchpoint, clickedAt, true));
    }
    return last;
  }

  private long expiry(Touchpoint touchpoint, long time, boolean click) {
    return time + window(policies.at(time), touchpoint, click);
  }

  private static long window(AttributionPolicy policy, Touchpoint touchpoint, boolean click) {
    return (click
            ? policy.clickWindow()
            : touchpoint.message ? policy.deliveryWindow() : policy.otherWindow())
        .toMillis();
  }
}
