package io.heed.sim;

import io.heed.core.model.Category;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a simulated programme is like. Made from YAML by {@link Scenarios}.
 *
 * @param id name of the scenario
 * @param seed of all chance
 * @param recipients people who are or become members of lists
 * @param eventsPerSecond aimed at in live mode
 * @param history simulated before the start
 * @param lists what people subscribe to, at most 32
 * @param carriers of the people
 * @param regions where the people live
 * @param languages share of each language, by its code
 * @param campaigns what is sent
 * @param experiments tests that run on campaigns
 * @param people propensities of the average person
 * @param disorder what goes wrong on the way to Kafka
 * @param incidents what goes wrong in the world
 */
public record Scenario(
    String id,
    long seed,
    int recipients,
    int eventsPerSecond,
    Duration history,
    List<ContactList> lists,
    List<Carrier> carriers,
    List<Region> regions,
    Map<String, Double> languages,
    List<Campaign> campaigns,
    List<Experiment> experiments,
    People people,
    Disorder disorder,
    List<Incident> incidents) {

  static final int MAX_LISTS = 32;

  /**
   * A list.
   *
   * @param share of the people who subscribe to it
   */
  public record ContactList(String id, double share) {}

  /**
   * A carrier.
   *
   * @param share of the people
   * @param delivered share of messages to good numbers that arrive
   * @param receiptAfter median from send to the final receipt
   * @param scans share of messages whose links the carrier opens
   */
  public record Carrier(
      String id, double share, double delivered, Duration receiptAfter, double scans) {}

  /** A region (ISO 3166-2) with its time zone and its share of the people. */
  public record Region(String id, ZoneId timeZone, double share) {}

  /**
   * A campaign: texts by calendar, by chance, after purchases, and in live traffic.
   *
   * @param list whose members get it
   * @param calendar when; null: not by calendar
   * @param perMemberPerMonth texts at random moments of the day, on average
   * @param afterPurchase whether every purchase of a member brings one
   * @param welcome everyone who joins the list gets one so long afterwards; null: nobody does
   * @param liveWeight share in live traffic, relative to other campaigns
   * @param segments that a text has
   * @param click factor on the propensity to click
   * @param purchase factor on the propensity to buy
   * @param optOut factor on the propensity to opt out
   */
  public record Campaign(
      String id,
      String list,
      Category category,
      Calendar calendar,
      double perMemberPerMonth,
      boolean afterPurchase,
      Duration welcome,
      double liveWeight,
      int segments,
      double click,
      double purchase,
      double optOut) {}

  /**
   * Days and time of a campaign.
   *
   * @param first day, from the start of the history
   * @param every distance of the days after it; null: once
   * @param at local time of the recipient
   * @param over spread of the texts
   * @param audience share of the members
   */
  public record Calendar(
      Duration first, Duration every, LocalTime at, Duration over, double audience) {}

  /**
   * A test on a campaign, with effects that are known.
   *
   * @param campaign whose texts carry the variants
   * @param starts from the start of the history
   * @param variants what is compared
   * @param holdOut share that gets nothing
   */
  public record Experiment(
      String id, String campaign, Duration starts, List<Variant> variants, double holdOut) {
    /** Variant of those who get nothing. */
    public static final String HOLD_OUT = "holdout";
  }

  /**
   * A variant; factors are relative to the campaign's texts.
   *
   * @param weight share of the recipients who are not held out, relative to the others
   * @param click factor on the propensity to click
   * @param purchase factor on the propensity to buy
   * @param optOut factor on the propensity to opt out
   * @param delay factor on the time until people react
   */
  public record Variant(
      String id, double weight, double click, double purchase, double optOut, double delay) {}

  /**
   * Propensities of the average person; each person has factors of their own.
   *
   * @param click probability that a text that arrived is clicked
   * @param optOut probability that it is answered by leaving
   * @param reply probability of another reply
   * @param purchase probability that it causes a purchase
   * @param organicPurchasesPerMonth purchases that no text caused
   * @param organicVisitsPerMonth visits that no text caused
   * @param touchesPerMonth of other channels
   * @param orderValueMicros median of purchases
   * @param refund probability that a purchase is taken back
   * @param fatigue how much each text of the last week adds to opting out and takes from clicking
   * @param newcomers share that joins during the history
   */
  public record People(
      double click,
      double optOut,
      double reply,
      double purchase,
      double organicPurchasesPerMonth,
      double organicVisitsPerMonth,
      double touchesPerMonth,
      long orderValueMicros,
      double refund,
      double fatigue,
      double newcomers) {}

  /**
   * What goes wrong on the way to Kafka, as shares of the events.
   *
   * @param duplicates delivered twice
   * @param late delivered minutes to hours after they happened
   * @param tooLate of receipts and clicks: an old one turns up from beyond the horizon
   * @param broken accompanied by a record that cannot be read
   */
  public record Disorder(double duplicates, double late, double tooLate, double broken) {}

  /** What can go wrong in the world. */
  public enum IncidentKind {
    /** {@code target} is a carrier that delivers nothing. */
    CARRIER_OUTAGE,
    /** {@code target} is a campaign that people leave {@code factor} times as often. */
    OPT_OUT_SPIKE,
    /** {@code target} is a campaign that is not sent. */
    SILENCE
  }

  /**
   * Something that goes wrong.
   *
   * @param target what it happens to
   * @param starts from the start of the history
   * @param lasts how long
   */
  public record Incident(
      IncidentKind kind, String target, Duration starts, Duration lasts, double factor) {}

  public Scenario {
    lists = List.copyOf(lists);
    carriers = List.copyOf(carriers);
    regions = List.copyOf(regions);
    languages = Map.copyOf(languages);
    campaigns = List.copyOf(campaigns);
    experiments = List.copyOf(experiments);
    incidents = List.copyOf(incidents);
    if (lists.isEmpty() || lists.size() > MAX_LISTS) {
      throw new IllegalArgumentException("lists: one to " + MAX_LISTS + " are needed");
    }
    Set<String> listIds = new HashSet<>();
    lists.forEach(list -> unique(listIds, list.id(), "list"));
    Set<String> campaignIds = new HashSet<>();
    for (Campaign campaign : campaigns) {
      unique(campaignIds, campaign.id(), "campaign");
      known(listIds, campaign.list(), "list", "campaign " + campaign.id());
    }
    Set<String> experimentIds = new HashSet<>();
    Set<String> tested = new HashSet<>();
    for (Experiment experiment : experiments) {
      unique(experimentIds, experiment.id(), "experiment");
      known(campaignIds, experiment.campaign(), "campaign", "experiment " + experiment.id());
      unique(tested, experiment.campaign(), "campaign with an experiment");
    }
  }

  private static void unique(Set<String> ids, String id, String what) {
    if (!ids.add(id)) {
      throw new IllegalArgumentException(what + " " + id + " is there twice");
    }
  }

  private static void known(Set<String> ids, String id, String what, String where) {
    if (!ids.contains(id)) {
      throw new IllegalArgumentException(
          "%s: %s %s is not defined, there are %s".formatted(where, what, id, ids));
    }
  }

  /** The same scenario with what is given in place of its own; null keeps. */
  public Scenario with(Long newSeed, Integer newRecipients, Integer newEventsPerSecond) {
    return new Scenario(
        id,
        newSeed == null ? seed : newSeed,
        newRecipients == null ? recipients : newRecipients,
        newEventsPerSecond == null ? eventsPerSecond : newEventsPerSecond,
        history,
        lists,
        carriers,
        regions,
        languages,
        campaigns,
        experiments,
        people,
        disorder,
        incidents);
  }
}
