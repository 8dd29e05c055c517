package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.model.EffectScale;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.RunningComparison;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What has been concluded about an experiment so far. Conclusions only ever grow: p-values fall,
 * intervals narrow, arms stay dropped, and a final state stays.
 *
 * @param evaluatedAt the last evaluation, epoch milliseconds; {@link Long#MIN_VALUE} before the
 *     first
 * @param state of the experiment
 * @param reason why
 * @param winner number of the arm that has won, -1 for none
 * @param allocation what new recipients get
 * @param banditEpochs allocations that a bandit has made, in order
 * @param comparisons of arms, per metric
 * @param guardrails per guardrail and arm
 * @param sampleRatioLogP running log p-value of the sample ratio on assignment
 * @param deliveryRatioLogP the same on delivery, over the arms that send
 * @param campaigns campaigns whose sample ratio has been tested
 * @param assigned recipients assigned
 * @param contaminated of these, seen in a second variant
 * @param dropped arms that have lost to another one
 * @param missing arms that should have recipients by now and have none
 * @param looks fractions of information at which a planned list was looked at
 * @param held what keeps a proven winner waiting; null for nothing
 */
public record Standing(
    long evaluatedAt,
    ExperimentState state,
    ReasonCode reason,
    int winner,
    Epoch allocation,
    List<Epoch> banditEpochs,
    SortedMap<Pair, Comparison> comparisons,
    SortedMap<Guarded, Guarding> guardrails,
    double sampleRatioLogP,
    double deliveryRatioLogP,
    int campaigns,
    long assigned,
    long contaminated,
    SortedSet<Integer> dropped,
    SortedSet<Integer> missing,
    List<Double> looks,
    Held held) {

  /**
   * Two arms under one metric; the effect is of b against a.
   *
   * @param metric number of the metric
   * @param a number of an arm, the control where it is one of the two
   * @param b number of the other arm
   */
  public record Pair(int metric, int a, int b) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int order = Integer.compare(metric, other.metric);
      order = order != 0 ? order : Integer.compare(a, other.a);
      return order != 0 ? order : Integer.compare(b, other.b);
    }
  }

  /**
   * What has been concluded about a pair.
   *
   * @param running p-value and interval
   * @param intervalRecipients recipients when the interval was computed last
   * @param aFutile that a is better by the minimum effect is excluded
   * @param bFutile that b is better by the minimum effect is excluded
   */
  public record Comparison(
      RunningComparison running, long intervalRecipients, boolean aFutile, boolean bFutile) {
    static Comparison start(EffectScale scale) {
      return new Comparison(RunningComparison.start(scale), 0, false, false);
    }

    Interval interval() {
      return running.interval();
    }
  }

  /**
   * A guardrail in an arm.
   *
   * @param guardrail number of the guardrail
   * @param arm number of the arm
   */
  public record Guarded(int guardrail, int arm) implements Comparable<Guarded> {
    @Override
    public int compareTo(Guarded other) {
      int order = Integer.compare(guardrail, other.guardrail);
      return order != 0 ? order : Integer.compare(arm, other.arm);
    }
  }

  /**
   * What has been concluded about a guardrail.
   *
   * @param harmLogP running log p-value of "not worse than the margin"
   * @param nonInferiorLogP running log p-value of "worse than the margin"
   */
  public record Guarding(double harmLogP, double nonInferiorLogP) {
    static Guarding lower(Guarding a, Guarding b) {
      return new Guarding(
          Math.min(a.harmLogP, b.harmLogP), Math.min(a.nonInferiorLogP, b.nonInferiorLogP));
    }
  }

  /**
   * A guardrail that keeps a proven winner waiting.
   *
   * @param guardrail number of the guardrail
   * @param arm number of the arm that has won
   * @param recipientsMissing about how many more recipients it takes
   */
  public record Held(int guardrail, int arm, long recipientsMissing) {}

  /** Copies the collections. */
  public Standing {
    banditEpochs = List.copyOf(banditEpochs);
    comparisons = Collections.unmodifiableSortedMap(new TreeMap<>(comparisons));
    guardrails = Collections.unmodifiableSortedMap(new TreeMap<>(guardrails));
    dropped = Collections.unmodifiableSortedSet(new TreeSet<>(dropped));
    missing = Collections.unmodifiableSortedSet(new TreeSet<>(missing));
    looks = List.copyOf(looks);
  }

  /** Before the first evaluation. */
  public static Standing start(ExperimentPlan plan) {
    return new Standing(
        Long.MIN_VALUE,
        ExperimentState.RUNNING,
        ReasonCode.COLLECTING,
        -1,
        plan.epochs().get(0),
        List.of(),
        new TreeMap<>(),
        new TreeMap<>(),
        0,
        0,
        0,
        0,
        0,
        new TreeSet<>(),
        new TreeSet<>(),
        List.of(),
        null);
  }

  /** Whether the state is irrevocable. */
  public boolean isFinal() {
    return state != ExperimentState.RUNNING;
  }

  /** Share of the assigned recipients who were seen in a second variant. */
  public double contaminatedShare() {
    return assigned == 0 ? 0 : (double) contaminated / assigned;
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(evaluatedAt);
    out.writeByte(state.ordinal());
    out.writeByte(reason.ordinal());
    out.writeByte(winner);
    writeEpochs(List.of(allocation), out);
    writeEpochs(banditEpochs, out);
    Varint.write(comparisons.size(), out);
    for (Map.Entry<Pair, Comparison> entry : comparisons.entrySet()) {
      Pair pair = entry.getKey();
      Comparison comparison = entry.getValue();
      out.writeByte(pair.metric());
      out.writeByte(pair.a());
      out.writeByte(pair.b());
      out.writeDouble(comparison.running().logP());
      out.writeDouble(comparison.interval().lower());
      out.writeDouble(comparison.interval().upper());
      Varint.write(comparison.intervalRecipients(), out);
      out.writeBoolean(comparison.aFutile());
      out.writeBoolean(comparison.bFutile());
    }
    Varint.write(guardrails.size(), out);
    for (Map.Entry<Guarded, Guarding> entry : guardrails.entrySet()) {
      out.writeByte(entry.getKey().guardrail());
      out.writeByte(entry.getKey().arm());
      out.writeDouble(entry.getValue().harmLogP());
      out.writeDouble(entry.getValue().nonInferiorLogP());
    }
    out.writeDouble(sampleRatioLogP);
    out.writeDouble(deliveryRatioLogP);
    Varint.write(campaigns, out);
    Varint.write(assigned, out);
    Varint.write(contaminated, out);
    writeArms(dropped, out);
    writeArms(missing, out);
    Varint.write(looks.size(), out);
    for (double look : looks) {
      out.writeDouble(look);
    }
    out.writeBoolean(held != null);
    if (held != null) {
      out.writeByte(held.guardrail());
      out.writeByte(held.arm());
      Varint.write(held.recipientsMissing(), out);
    }
  }

  private static void writeArms(SortedSet<Integer> arms, DataOutput out) throws IOException {
    Varint.write(arms.size(), out);
    for (int arm : arms) {
      out.writeByte(arm);
    }
  }

  private static SortedSet<Integer> readArms(DataInput in) throws IOException {
    SortedSet<Integer> arms = new TreeSet<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      arms.add((int) in.readByte());
    }
    return arms;
  }

  static Standing read(DataInput in) throws IOException {
    long evaluatedAt = in.readLong();
    ExperimentState state = ExperimentState.values()[in.readByte()];
    ReasonCode reason = ReasonCode.values()[in.readByte()];
    int winner = in.readByte();
    Epoch allocation = readEpochs(in).get(0);
    List<Epoch> banditEpochs = readEpochs(in);
    TreeMap<Pair, Comparison> comparisons = new TreeMap<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      Pair pair = new Pair(in.readByte(), in.readByte(), in.readByte());
      RunningComparison running =
          new RunningComparison(in.readDouble(), new Interval(in.readDouble(), in.readDouble()));
      comparisons.put(
          pair, new Comparison(running, Varint.read(in), in.readBoolean(), in.readBoolean()));
    }
    TreeMap<Guarded, Guarding> guardrails = new TreeMap<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      guardrails.put(
          new Guarded(in.readByte(), in.readByte()),
          new Guarding(in.readDouble(), in.readDouble()));
    }
    double sampleRatioLogP = in.readDouble();
    double deliveryRatioLogP = in.readDouble();
    int campaigns = Varint.readInt(in);
    long assigned = Varint.read(in);
    long contaminated = Varint.read(in);
    SortedSet<Integer> dropped = readArms(in);
    SortedSet<Integer> missing = readArms(in);
    List<Double> looks = new ArrayList<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      looks.add(in.readDouble());
    }
    Held held = in.readBoolean() ? new Held(in.readByte(), in.readByte(), Varint.read(in)) : null;
    return new Standing(
        evaluatedAt,
        state,
        reason,
        winner,
        allocation,
        banditEpochs,
        comparisons,
        guardrails,
        sampleRatioLogP,
        deliveryRatioLogP,
        campaigns,
        assigned,
        contaminated,
        dropped,
        missing,
        looks,
        held);
  }

  private static void writeEpochs(List<Epoch> epochs, DataOutput out) throws IOException {
    Varint.write(epochs.size(), out);
    for (Epoch epoch : epochs) {
      Varint.write(epoch.number(), out);
      Varint.write(epoch.from(), out);
      Varint.write(epoch.shares().size(), out);
      for (double share : epoch.shares()) {
        out.writeDouble(share);
      }
    }
  }

  private static List<Epoch> readEpochs(DataInput in) throws IOException {
    List<Epoch> epochs = new ArrayList<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      int number = Varint.readInt(in);
      long from = Varint.read(in);
      double[] shares = new double[Varint.readInt(in)];
      for (int arm = 0; arm < shares.length; arm++) {
        shares[arm] = in.readDouble();
      }
      epochs.add(Epoch.of(number, from, shares));
    }
    return epochs;
  }
}
