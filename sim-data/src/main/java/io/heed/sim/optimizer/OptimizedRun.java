package io.heed.sim.optimizer;

import io.heed.core.codec.Hash64;
import io.heed.core.optimizer.CampaignFactor;
import io.heed.core.optimizer.CampaignTally;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.Exploration;
import io.heed.core.optimizer.HalfLife;
import io.heed.core.optimizer.ListOutcomes;
import io.heed.core.optimizer.ModelBuilder;
import io.heed.core.optimizer.OptOutPrice;
import io.heed.core.optimizer.OptimiseSettings;
import io.heed.core.optimizer.Optimizer;
import io.heed.core.optimizer.OutcomeCells;
import io.heed.core.optimizer.OutcomeCells.Measure;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.ValueModel;
import io.heed.core.optimizer.ValueVerdict;
import io.heed.core.optimizer.ValueVerdict.Cause;
import java.util.List;
import java.util.Map;

/**
 * The optimizer at work: the events of the world go into the same counts as the job's, a model is
 * made when a day closes, campaign factors every minute, and every request is decided by them. What
 * a message brings becomes known with its delay. Without a model, and for the control, a fixed cap
 * decides.
 */
final class OptimizedRun {
  /** Minutes after which a request that waits for the pilot comes again. */
  private static final int WAIT = 15;

  private static final int SPAN = 24 * 60;

  private final Nature nature;
  private final FixedPolicy plain;
  private final boolean priced;
  private final double[] prices;

  private final OptimiseSettings settings = OptimiseSettings.uncapped(1, World.COST_MICROS);

  private final Optimizer optimizer = new Optimizer(new Exploration("simulated"));
  private final ListOutcomes outcomes = new ListOutcomes();
  private final Subscribers people;
  private final FixedPolicy.History history;
  private final PersonState[] states;
  private final boolean[] control;
  private final Followed followed;
  private ValueModel model;
  private final long[] optOuts = new long[2];
  private final long[] armPeople = new long[2];
  private int closed;

  // The campaign that is under way, by minute since its start.
  private final int[] clicksAt = new int[SPAN + 1];
  private final int[] optOutsAt = new int[SPAN + 1];

  /** Opt-outs are free: everybody is optimised. */
  static OptimizedRun free(Nature nature, FixedPolicy plain) {
    return new OptimizedRun(nature, plain, 0, false, new double[World.DAYS]);
  }

  /** Opt-outs at most those of a control under the plain cap. */
  static OptimizedRun constrained(Nature nature, FixedPolicy plain, double controlShare) {
    return new OptimizedRun(nature, plain, controlShare, true, new double[World.DAYS]);
  }

  /** Everybody optimised at the prices that this run had. */
  OptimizedRun forAll() {
    return new OptimizedRun(nature, plain, 0, false, prices);
  }

  private OptimizedRun(
      Nature nature, FixedPolicy plain, double controlShare, boolean priced, double[] prices) {
    this.prices = prices;
    this.nature = nature;
    this.plain = plain;
    this.priced = priced;
    people = new Subscribers(nature);
    history = new FixedPolicy.History(nature.people);
    states = new PersonState[nature.people];
    control = new boolean[nature.people];
    for (int i = 0; i < nature.people; i++) {
      states[i] = PersonState.NEW;
      control[i] = (Hash64.mix(i + 77L) >>> 11) * 0x1p-53 < controlShare;
      armPeople[control[i] ? 0 : 1]++;
    }
    followed = new Followed(nature.people, outcomes);
    model = ModelBuilder.initial(settings, World.FIRST_DAY);
  }

  RunResult run(String name) {
    for (int c = 0; c < nature.campaigns; c++) {
      closeUntil(nature.startMinute[c] / World.MINUTES);
      blast(c);
    }
    return people.result(name);
  }

  /** What the control showed. */
  ControlResult control() {
    return people.against(control);
  }

  ValueModel model() {
    return model;
  }

  ListOutcomes outcomes() {
    return outcomes;
  }

  /** Closes the days before that one, each with the organic purchases and those that were due. */
  private void closeUntil(int day) {
    for (; closed < day; closed++) {
      for (int i = 0; i < nature.people; i++) {
        long organic = nature.organicMargin(i, closed);
        if (organic > 0) {
          followed.purchase(i, closed * World.MINUTES + 900, organic);
        }
      }
      followed.closeDay(closed, states);
      if (priced) {
        double subscriber = model.value(Cell.group(2, 2), 0, 1);
        prices[closed] =
            OptOutPrice.next(
                closed == 0 ? 0 : prices[closed - 1],
                subscriber,
                optOuts[1],
                armPeople[1],
                optOuts[0],
                armPeople[0]);
      }
      model =
          ModelBuilder.close(outcomes, World.FIRST_DAY + closed, settings, prices[closed], model);
    }
  }

  private void blast(int c) {
    String id = "c" + c;
    long campaignHash = Hash64.of(id);
    int start = nature.startMinute[c];
    int day = World.FIRST_DAY + start / World.MINUTES;
    long epochMinute = (long) World.FIRST_DAY * World.MINUTES;
    CampaignTally tally = outcomes.campaign(id, List.of("kind-" + nature.kind[c]));
    Map<HalfLife, OutcomeCells> cells = outcomes.cells(id, day);
    int minutes = nature.world.blastMinutes() + 90;
    Queue queue = new Queue(nature.people, minutes);
    for (int i = nature.people - 1; i >= 0; i--) {
      int minute = nature.requestMinute(i, c);
      if (minute < people.gone[i]) {
        queue.add(minute - start, i);
        tally.addRequest(epochMinute + minute);
      }
    }
    for (int m = 0; m < minutes; m++) {
      arrive(tally, m);
      long now = epochMinute + start + m;
      CampaignFactor factor = model.factor(tally, outcomes.delays(), now);
      for (int i = queue.first(m); i >= 0; ) {
        int next = queue.next(i);
        if (start + m < people.gone[i]
            && !decide(i, c, campaignHash, start, m, day, now, factor, tally, cells)
            && m + WAIT < minutes) {
          queue.add(m + WAIT, i);
        }
        i = next;
      }
    }
    for (int m = minutes; m <= SPAN; m++) {
      arrive(tally, m);
    }
  }

  /** Clicks and opt-outs of that minute become known. */
  private void arrive(CampaignTally tally, int minute) {
    for (; clicksAt[minute] > 0; clicksAt[minute]--) {
      tally.addClicker();
    }
    for (; optOutsAt[minute] > 0; optOutsAt[minute]--) {
      tally.addOptOut();
    }
  }

  /** Decides; false if the request has to come again. */
  private boolean decide(
      int i,
      int c,
      long campaignHash,
      int start,
      int m,
      int day,
      long now,
      CampaignFactor factor,
      CampaignTally tally,
      Map<HalfLife, OutcomeCells> cells) {
    int minute = start + m;
    if (control[i] || !model.ready()) {
      if (history.allows(plain, i, minute)) {
        send(i, c, start, m, day, now, tally, cells, Cause.NO_MODEL);
      }
      return true;
    }
    ValueVerdict verdict =
        optimizer.decide(
            model, factor, states[i], Hash64.mix(i + 0x1234_5678L), campaignHash, day, 0);
    if (verdict.allowed()) {
      send(i, c, start, m, day, now, tally, cells, verdict.cause());
    } else if (verdict.cause() == Cause.WITHHELD) {
      followed.withhold(i, minute);
    }
    return verdict.cause() != Cause.PILOT_PENDING;
  }

  private void send(
      int i,
      int c,
      int start,
      int m,
      int day,
      long now,
      CampaignTally tally,
      Map<HalfLife, OutcomeCells> cells,
      Cause cause) {
    int minute = start + m;
    PersonState state = states[i];
    int group = Cell.group(state);
    double fatigue = state.fatigueMillis(model.halfLife(), day) / 1000.0;
    tally.addMessage(
        now,
        Math.round(1e6 * model.click(group, fatigue)),
        Math.round(1e6 * model.hazard(group, fatigue)));
    people.send(i, c, minute);
    history.sent(i, minute, people.clicked);
    for (HalfLife halfLife : HalfLife.values()) {
      int millis = state.fatigueMillis(halfLife, day);
      int cell = Cell.of(group, Cell.fatigue(millis));
      OutcomeCells counts = cells.get(halfLife);
      counts.add(cell, Measure.MESSAGES, 1);
      counts.add(cell, Measure.FATIGUE_MILLIS, millis);
      if (people.clicked) {
        counts.add(cell, Measure.CLICKERS, 1);
      }
      if (people.left) {
        counts.add(cell, Measure.OPT_OUTS, 1);
      }
    }
    state = state.withMessage(day, PersonState.NOMINAL_CLICKS);
    followed.send(i, minute, cause == Cause.WANTED);
    if (people.clicked) {
      int delay = nature.clickDelay(i, c);
      outcomes.delays().add(delay);
      clicksAt[Math.min(SPAN, m + 1 + delay)]++;
      followed.click(i, minute + delay);
      state = state.withClick(day);
    }
    if (people.left) {
      optOutsAt[Math.min(SPAN, m + 1 + nature.optOutDelay(i, c))]++;
      optOuts[control[i] ? 0 : 1]++;
    }
    if (people.marginMicros > 0) {
      followed.purchase(i, minute + nature.conversionDelay(i, c), people.marginMicros);
    }
    states[i] = state;
  }

  /** People by the minute at which they are decided about: linked lists in arrays. */
  private static final class Queue {
    private final int[] first;
    private final int[] next;

    Queue(int people, int minutes) {
      first = new int[minutes];
      java.util.Arrays.fill(first, -1);
      next = new int[people];
    }

    void add(int minute, int person) {
      next[person] = first[minute];
      first[minute] = person;
    }

    int first(int minute) {
      return first[minute];
    }

    int next(int person) {
      return next[person];
    }
  }
}
