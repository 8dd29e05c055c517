package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.model.EffectScale;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.RunningComparison;
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
 * @param contaminated of these, exposed to a second variant
 * @param dropped arms that have lost to another one
 * @param missing arms that should have recipients by now and have none
 * @param looks fractions of information at which a planned list was looked at
 * @param held what keeps a proven winner waiting; null for nothing
 */
public record ExperimentStatus(
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
  public ExperimentStatus {
    banditEpochs = List.copyOf(banditEpochs);
    comparisons = Collections.unmodifiableSortedMap(new TreeMap<>(comparisons));
    guardrails = Collections.unmodifiableSortedMap(new TreeMap<>(guardrails));
    dropped = Collections.unmodifiableSortedSet(new TreeSet<>(dropped));
    missing = Collections.unmodifiableSortedSet(new TreeSet<>(missing));
    looks = List.copyOf(looks);
  }

  /** Before the first evaluation. */
  public static ExperimentStatus start(ExperimentPlan plan) {
    return new ExperimentStatus(
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

  /** Share of the assigned recipients who were exposed to a second variant. */
  public double contaminatedShare() {
    return assigned == 0 ? 0 : (double) contaminated / assigned;
  }

  void write(BinaryWriter out) {
    out.writeLong(evaluatedAt);
    out.writeByte(state.ordinal());
    out.writeByte(reason.ordinal());
    out.writeByte(winner);
    writeEpoch(allocation, out);
    out.writeCount(banditEpochs);
    banditEpochs.forEach(epoch -> writeEpoch(epoch, out));
    out.writeUnsigned(comparisons.size());
    for (Map.Entry<Pair, Comparison> entry : comparisons.entrySet()) {
      Pair pair = entry.getKey();
      Comparison comparison = entry.getValue();
      out.writeByte(pair.metric());
      out.writeByte(pair.a());
      out.writeByte(pair.b());
      out.writeDouble(comparison.running().logP());
      out.writeDouble(comparison.interval().lower());
      out.writeDouble(comparison.interval().upper());
      out.writeSigned(comparison.intervalRecipients());
      out.writeBoolean(comparison.aFutile());
      out.writeBoolean(comparison.bFutile());
    }
    out.writeUnsigned(guardrails.size());
    for (Map.Entry<Guarded, Guarding> entry : guardrails.entrySet()) {
      out.writeByte(entry.getKey().guardrail());
      out.writeByte(entry.getKey().arm());
      out.writeDouble(entry.getValue().harmLogP());
      out.writeDouble(entry.getValue().nonInferiorLogP());
    }
    out.writeDouble(sampleRatioLogP);
    out.writeDouble(deliveryRatioLogP);
    out.writeSigned(campaigns);
    out.writeSigned(assigned);
    out.writeSigned(contaminated);
    writeArms(dropped, out);
    writeArms(missing, out);
    out.writeUnsigned(looks.size());
    for (double look : looks) {
      out.writeDouble(look);
    }
    out.writeBoolean(held != null);
    if (held != null) {
      out.writeByte(held.guardrail());
      out.writeByte(held.arm());
      out.writeSigned(held.recipientsMissing());
    }
  }

  private static void writeArms(SortedSet<Integer> arms, BinaryWriter out) {
    out.writeUnsigned(arms.size());
    for (int arm : arms) {
      out.writeByte(arm);
    }
  }

  private static SortedSet<Integer> readArms(BinaryReader in) throws BinaryException {
    SortedSet<Integer> arms = new TreeSet<>();
    for (int left = in.readCount(); left > 0; left--) {
      arms.add((int) in.readByte());
    }
    return arms;
  }

  static ExperimentStatus read(BinaryReader in) throws BinaryException {
    long evaluatedAt = in.readLong();
    ExperimentState state = in.readConstant(ExperimentState.values());
    ReasonCode reason = in.readConstant(ReasonCode.values());
    int winner = in.readByte();
    Epoch allocation = readEpoch(in);
    List<Epoch> banditEpochs = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      banditEpochs.add(readEpoch(in));
    }
    TreeMap<Pair, Comparison> comparisons = new TreeMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      Pair pair = new Pair(in.readByte(), in.readByte(), in.readByte());
      RunningComparison running =
          new RunningComparison(in.readDouble(), new Interval(in.readDouble(), in.readDouble()));
      comparisons.put(
          pair, new Comparison(running, in.readSigned(), in.readBoolean(), in.readBoolean()));
    }
    TreeMap<Guarded, Guarding> guardrails = new TreeMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      guardrails.put(
          new Guarded(in.readByte(), in.readByte()),
          new Guarding(in.readDouble(), in.readDouble()));
    }
    double sampleRatioLogP = in.readDouble();
    double deliveryRatioLogP = in.readDouble();
    int campaigns = in.readSignedInt();
    long assigned = in.readSigned();
    long contaminated = in.readSigned();
    SortedSet<Integer> dropped = readArms(in);
    SortedSet<Integer> missing = readArms(in);
    List<Double> looks = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      looks.add(in.readDouble());
    }
    Held held = in.readBoolean() ? new Held(in.readByte(), in.readByte(), in.readSigned()) : null;
    return new ExperimentStatus(
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

  private static void writeEpoch(Epoch epoch, BinaryWriter out) {
    out.writeSigned(epoch.number());
    out.writeSigned(epoch.from());
    out.writeCount(epoch.shares());
    epoch.shares().forEach(out::writeDouble);
  }

  private static Epoch readEpoch(BinaryReader in) throws BinaryException {
    int number = in.readSignedInt();
    long from = in.readSigned();
    double[] shares = new double[in.readCount()];
    for (int arm = 0; arm < shares.length; arm++) {
      shares[arm] = in.readDouble();
    }
    return Epoch.of(number, from, shares);
  }
}
