package io.heed.sim;

import io.heed.core.model.Decision;
import io.heed.core.model.OptInMethod;
import io.heed.sim.Scenario.Calendar;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.ContactList;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A programme at work. Its records come in the order in which they reach Kafka: first the history,
 * which ends at the start, then what goes on from there.
 *
 * <p>The history is a function of scenario, seed and start. Afterwards the owner sets the pace: he
 * takes what has arrived up to an instant, offers occasions for further texts, and passes on what
 * was decided. Not safe for concurrent use.
 */
public final class Simulation {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long MONTH = 30 * DAY;
  private static final long IMPORT = Duration.ofHours(2).toMillis();
  private static final int TRIES = 20;
  private static final double INVALID_NUMBERS = 0.004;

  private final Programme programme;
  private final Ids ids;
  private final Chance chance;
  private final Agenda agenda;
  private final Courier courier;
  private final Effects effects = new Effects();
  private final SendingSystem sender;
  private final Reactions reactions;
  private final List<Person> persons = new ArrayList<>();

  /**
   * @param startMillis end of the history and begin of live traffic, epoch milliseconds
   */
  public Simulation(Scenario scenario, long startMillis) {
    programme = new Programme(scenario, startMillis);
    ids = new Ids(scenario.seed(), startMillis);
    chance = new Chance(scenario.seed());
    agenda = new Agenda(programme.begin);
    courier =
        new Courier(
            scenario.disorder(),
            chance,
            ids,
            new Breakage(chance, startMillis),
            startMillis,
            Math.min(startMillis, programme.begin + 3 * DAY));
    reactions = new Reactions(programme, agenda, courier, ids, chance, effects);
    sender = new SendingSystem(programme, agenda, courier, ids, reactions::sent);
    reactions.answeredBy(sender);
    populate();
    scenario.campaigns().forEach(this::plan);
  }

  /** What every id of this run has in it, after its first letter. */
  public String run() {
    return ids.run();
  }

  /** What the ids of this run's people, and of no others, begin with. */
  public String recipientPrefix() {
    return "r" + ids.run() + "-";
  }

  /** What the ids of events that this run has published, and of no others, begin with. */
  public String eventPrefix() {
    return "e" + ids.run() + "-";
  }

  /** End of the history, epoch milliseconds. */
  public long start() {
    return programme.start;
  }

  /** What the texts of the tests did, so far. */
  public Effects effects() {
    return effects;
  }

  /** The records that arrive before the start; to be read before anything else. */
  public Stream<Arrival> history() {
    Iterator<Arrival> arrivals =
        new Iterator<>() {
          private Arrival next = Simulation.this.next(programme.start - 1);

          @Override
          public boolean hasNext() {
            return next != null;
          }

          @Override
          public Arrival next() {
            if (next == null) {
              throw new NoSuchElementException();
            }
            Arrival arrival = next;
            next = Simulation.this.next(programme.start - 1);
            return arrival;
          }
        };
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(arrivals, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /** The next record that arrives up to an instant (inclusive); null if there is none. */
  public Arrival next(long until) {
    while (agenda.nextAt() <= Math.min(until, courier.nextAt())) {
      agenda.step();
    }
    if (courier.nextAt() <= until) {
      return courier.next();
    }
    agenda.reach(until);
    return null;
  }

  /**
   * To be called before the history is read: a request goes before each of its texts, and before
   * those that a cap holds back, so that a send gate gives the verdicts that a live programme would
   * have had. They change nothing: what the history sends is its own.
   */
  public void requestVerdictsOfHistory() {
    sender.requestBeside();
  }

  /** From now on every text needs a request, and is sent only if the verdict allows it. */
  public void requestVerdicts() {
    sender.requestFirst();
  }

  /** Texts that were held against the decisions: those after the history, once it is all out. */
  public long sendsOnRequest() {
    return sender.sentOnRequest();
  }

  /** Those of them that went out against a decision that was known by then. */
  public long sendsAgainstADecision() {
    return sender.breaches();
  }

  /** Obeys a decision. */
  public void decided(Decision decision) {
    sender.decided(decision);
  }

  /**
   * An occasion for one more text, to somebody who may get it.
   *
   * @return whether one was found
   */
  public boolean offer() {
    for (int i = 0; i < TRIES; i++) {
      Campaign campaign = chance.weighted(programme.scenario.campaigns(), Campaign::liveWeight);
      if (campaign == null) {
        return false;
      }
      if (sender.propose(chance.anyOf(persons), campaign)) {
        return true;
      }
    }
    return false;
  }

  private void populate() {
    Scenario scenario = programme.scenario;
    List<Map.Entry<String, Double>> languages =
        scenario.languages().entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    for (int i = 0; i < scenario.recipients(); i++) {
      Person person =
          new Person(
              ids.next('r'),
              chance.weighted(scenario.regions(), Scenario.Region::share),
              chance.weighted(scenario.carriers(), Scenario.Carrier::share),
              chance.weighted(languages, Map.Entry::getValue).getKey(),
              chance.anyOf(Words.STANDARD.phones()),
              chance,
              chance.happens(INVALID_NUMBERS));
      persons.add(person);
      boolean isNew = chance.happens(scenario.people().newcomers());
      long joins =
          isNew
              ? chance.between(programme.begin, programme.start)
              : programme.begin
                  + chance.between(0, Math.min(IMPORT, scenario.history().toMillis()));
      agenda.at(joins, () -> join(person, isNew));
    }
  }

  private void join(Person person, boolean isNew) {
    List<ContactList> lists = programme.scenario.lists();
    for (int list = 0; list < lists.size(); list++) {
      if (chance.happens(lists.get(list).share())) {
        person.join(list);
        OptInMethod method =
            isNew || chance.happens(0.7)
                ? OptInMethod.WEB
                : chance.happens(0.5) ? OptInMethod.KEYWORD : OptInMethod.PAPER;
        reactions.optIn(person, lists.get(list).id(), method);
        if (isNew) {
          welcome(person, list);
        }
      }
    }
    if (isNew) {
      reactions.lead(person);
    }
    reactions.live(person);
    for (Campaign campaign : programme.scenario.campaigns()) {
      if (campaign.perMemberPerMonth() > 0) {
        repeat(person, campaign);
      }
    }
  }

  private void welcome(Person person, int list) {
    for (Campaign campaign : programme.scenario.campaigns()) {
      if (campaign.welcome() != null && programme.listOf(campaign) == list) {
        agenda.after(
            campaign.welcome().toMillis() + chance.between(5_000, 60_000),
            () -> sender.propose(person, campaign));
      }
    }
  }

  private void repeat(Person person, Campaign campaign) {
    agenda.after(
        chance.exponentialMillis(MONTH / campaign.perMemberPerMonth()),
        () -> {
          sender.propose(person, campaign);
          repeat(person, campaign);
        });
  }

  private void plan(Campaign campaign) {
    for (long day : programme.days(campaign)) {
      agenda.at(day, () -> blast(campaign));
    }
  }

  /** Sends a campaign to its audience, each at the next time of day that the calendar names. */
  private void blast(Campaign campaign) {
    Calendar calendar = campaign.calendar();
    for (Person person : persons) {
      if (chance.happens(calendar.audience())) {
        ZonedDateTime here = Instant.ofEpochMilli(agenda.now()).atZone(person.region.timeZone());
        ZonedDateTime then = here.with(calendar.at());
        long at = (then.isBefore(here) ? then.plusDays(1) : then).toInstant().toEpochMilli();
        agenda.at(
            at + chance.between(0, calendar.over().toMillis()),
            () -> sender.propose(person, campaign));
      }
    }
  }
}
