package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The units of an experiment that have matured, cut into blocks per rate. Immutable.
 *
 * <p>Units enter by the step of event time from which they count. A block ends with the first step
 * at which the matured units have grown by the share {@value #GROWTH} since the last block's end
 * and every arm that the newest epoch feeds has units in it; the first one needs {@value
 * #FIRST_UNITS} units an arm. Only unit counts decide that, never an outcome. Where epochs overlap,
 * each gets a block of its own, so that a block never spans two. The blocks of metrics that do not
 * decide grow by {@value #GROWTH_OF_OTHERS}, all of them by at least {@value #GROWTH_OF_MANY} from
 * {@value #MANY} units on: some 600 blocks to a hundred million units.
 *
 * <p>A fact that comes after its step has passed corrects the block of that step, so that the
 * evidence is what it would have been had the fact come in time. The ends of blocks stay.
 */
public final class Matured {
  /** Nothing has matured. */
  public static final Matured NONE =
      new Matured(Totals.NONE, new TreeMap<>(), List.of(), Long.MIN_VALUE);

  private static final double GROWTH = 0.02;
  private static final double GROWTH_OF_MANY = 0.05;
  private static final double GROWTH_OF_OTHERS = 0.1;
  private static final long MANY = 1_000_000;
  private static final long FIRST_UNITS = 50;

  /** Beyond so many open campaigns further ones are counted as one. */
  private static final int MOST_CAMPAIGNS = 1_000;

  private final Totals totals;
  private final SortedMap<Integer, List<Block>> blocks;
  private final List<CampaignRun> campaigns;
  private final long through;

  private Matured(
      Totals totals,
      SortedMap<Integer, List<Block>> blocks,
      List<CampaignRun> campaigns,
      long through) {
    this.totals = totals;
    this.blocks = blocks;
    this.campaigns = campaigns;
    this.through = through;
  }

  /** Counts of all units. */
  public Totals totals() {
    return totals;
  }

  /** The blocks of a metric that have ended, in order. */
  List<Block> blocks(int metric) {
    return blocks.getOrDefault(metric, List.of());
  }

  /** The pair's blocks that have ended, and the units since then as one more per epoch. */
  List<Stratum<BinaryCounts>> strata(Pair pair, List<Epoch> epochs) {
    List<Stratum<BinaryCounts>> strata = new ArrayList<>();
    for (Block block : blocks(pair.metric())) {
      strata.add(block.of(pair));
    }
    for (Epoch epoch : epochs) {
      strata.add(open(pair.metric(), epoch).of(pair));
    }
    strata.removeIf(stratum -> !stratum.hasBoth());
    return strata;
  }

  /** With units, by the step from which they count. */
  Matured with(SortedMap<Long, Totals> due) {
    if (due.isEmpty()) {
      return this;
    }
    SortedMap<Integer, List<Block>> corrected = new TreeMap<>(blocks);
    due.headMap(through + 1).forEach((step, late) -> correct(step, late, corrected));
    return new Matured(
        totals.plus(Totals.sum(due.values()).withoutCampaigns()),
        corrected,
        campaignsWith(due),
        Math.max(through, due.lastKey()));
  }

  /** Campaigns in progress, where the sending system assigns. */
  List<CampaignRun> campaigns() {
    return campaigns;
  }

  private List<CampaignRun> campaignsWith(SortedMap<Long, Totals> due) {
    Map<List<Long>, CampaignRun> runs = new LinkedHashMap<>();
    campaigns.forEach(run -> runs.put(List.of(run.campaign(), (long) run.epoch()), run));
    due.forEach(
        (step, change) ->
            change
                .cells()
                .forEach(
                    (cell, tally) -> {
                      if (cell.metric() == Totals.CAMPAIGN) {
                        List<Long> key = List.of(cell.campaign(), (long) cell.epoch());
                        if (runs.size() >= MOST_CAMPAIGNS && !runs.containsKey(key)) {
                          key = List.of(0L, (long) cell.epoch());
                        }
                        CampaignRun run =
                            runs.getOrDefault(
                                key, CampaignRun.start(key.get(0), cell.epoch(), cell.arm() + 1));
                        runs.put(key, run.with(step, cell.arm(), tally.recipients()));
                      }
                    }));
    return runs.values().stream().filter(run -> run.units() > 0).toList();
  }

  /** The campaigns that have ended, the first one first. */
  List<CampaignRun> endedCampaigns(long instant, ExperimentConfig config, List<Epoch> epochs) {
    return campaigns.stream()
        .filter(run -> run.endsAt(config, epochs) <= instant)
        .sorted(
            Comparator.comparingLong(CampaignRun::lastStep)
                .thenComparingLong(CampaignRun::campaign)
                .thenComparingInt(CampaignRun::epoch))
        .toList();
  }

  /** Without those campaigns. */
  Matured without(List<CampaignRun> ended) {
    if (ended.isEmpty()) {
      return this;
    }
    List<CampaignRun> rest = new ArrayList<>(campaigns);
    rest.removeAll(ended);
    return new Matured(totals, blocks, List.copyOf(rest), through);
  }

  private static void correct(long step, Totals late, SortedMap<Integer, List<Block>> corrected) {
    for (Map.Entry<Totals.Cell, Tally> change : late.cells().entrySet()) {
      Totals.Cell cell = change.getKey();
      List<Block> known = corrected.getOrDefault(cell.metric(), List.of());
      for (int i = 0; i < known.size(); i++) {
        if (known.get(i).epoch() == cell.epoch() && known.get(i).through() >= step) {
          List<Block> next = new ArrayList<>(known);
          next.set(i, known.get(i).with(cell.arm(), change.getValue()));
          corrected.put(cell.metric(), List.copyOf(next));
          break;
        }
      }
    }
  }

  /**
   * Ends the blocks that are due.
   *
   * @param instant of the evaluation, epoch milliseconds
   * @param epochs whose units are evidence, in order
   * @param last whether no more units are to come, so that a block ends however small it is
   */
  Matured ended(long instant, ExperimentPlan plan, List<Epoch> epochs, boolean last) {
    SortedMap<Integer, List<Block>> ended = new TreeMap<>(blocks);
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      if (!plan.metrics().get(metric).isMean()) {
        List<Block> open = open(instant, metric, epochs);
        if (isDue(metric, open, plan, epochs, last)) {
          List<Block> all = new ArrayList<>(blocks(metric));
          all.addAll(open);
          ended.put(metric, List.copyOf(all));
        }
      }
    }
    return new Matured(totals, ended, campaigns, through);
  }

  private boolean isDue(
      int metric, List<Block> open, ExperimentPlan plan, List<Epoch> epochs, boolean last) {
    if (open.isEmpty()) {
      return false;
    }
    Block newest = open.get(open.size() - 1);
    long before = blocks(metric).stream().mapToLong(Block::units).sum();
    long since = open.stream().mapToLong(Block::units).sum();
    for (Epoch epoch : epochs) {
      for (int arm = 0; epoch.number() == newest.epoch() && arm < epoch.shares().size(); arm++) {
        int number = arm;
        long units = open.stream().mapToLong(b -> b.arms().get(number).recipients()).sum();
        if (epoch.shares().get(arm) > 0
            && (newest.arms().get(arm).recipients() == 0
                || (before == 0 && units < FIRST_UNITS && !last))) {
          return false;
        }
      }
    }
    boolean decides = metric == 0 || metric > plan.config().metrics().size();
    double growth = before >= MANY ? GROWTH_OF_MANY : GROWTH;
    return last || since >= Math.max(growth, decides ? 0 : GROWTH_OF_OTHERS) * before;
  }

  /** The units since the last block's end, one block per epoch that has some. */
  private List<Block> open(long instant, int metric, List<Epoch> epochs) {
    List<Block> open = new ArrayList<>();
    for (Epoch epoch : epochs) {
      Block block = open(metric, epoch);
      if (block.units() > 0) {
        open.add(new Block(epoch.number(), instant, block.arms()));
      }
    }
    return open;
  }

  private Block open(int metric, Epoch epoch) {
    long[] recipients = new long[epoch.shares().size()];
    long[] successes = new long[recipients.length];
    for (Block block : blocks(metric)) {
      for (int arm = 0; block.epoch() == epoch.number() && arm < recipients.length; arm++) {
        recipients[arm] += block.arms().get(arm).recipients();
        successes[arm] += block.arms().get(arm).successes();
      }
    }
    List<BinaryCounts> arms = new ArrayList<>();
    for (int arm = 0; arm < recipients.length; arm++) {
      Tally all = totals.get(epoch.number(), arm, metric);
      arms.add(
          Tally.of(all.recipients() - recipients[arm], all.successes() - successes[arm]).binary());
    }
    return new Block(epoch.number(), through, arms);
  }

  void write(BinaryWriter out) {
    totals.write(out);
    out.writeLong(through);
    out.writeUnsigned(blocks.size());
    for (Map.Entry<Integer, List<Block>> metric : blocks.entrySet()) {
      out.writeSigned(metric.getKey());
      out.writeUnsigned(metric.getValue().size());
      for (Block block : metric.getValue()) {
        block.write(out);
      }
    }
    out.writeUnsigned(campaigns.size());
    for (CampaignRun run : campaigns) {
      run.write(out);
    }
  }

  static Matured read(BinaryReader in) throws BinaryException {
    Totals totals = Totals.read(in);
    long through = in.readLong();
    SortedMap<Integer, List<Block>> blocks = new TreeMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      int metric = in.readSignedInt();
      int size = in.readCount();
      List<Block> of = new ArrayList<>(size);
      for (int b = 0; b < size; b++) {
        of.add(Block.read(in));
      }
      blocks.put(metric, List.copyOf(of));
    }
    List<CampaignRun> campaigns = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      campaigns.add(CampaignRun.read(in));
    }
    return new Matured(totals, blocks, List.copyOf(campaigns), through);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matured matured
        && matured.totals.equals(totals)
        && matured.blocks.equals(blocks)
        && matured.campaigns.equals(campaigns)
        && matured.through == through;
  }

  @Override
  public int hashCode() {
    return totals.hashCode();
  }
}
