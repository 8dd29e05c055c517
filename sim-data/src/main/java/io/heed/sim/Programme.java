package io.heed.sim;

import io.heed.core.model.Category;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.ContactList;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.Incident;
import io.heed.sim.Scenario.IncidentKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The scenario as it is at an instant: lists by index, tests that run, incidents that last. */
final class Programme {
  final Scenario scenario;
  final long begin;
  final long start;
  private final Map<String, Integer> lists = new HashMap<>();
  private final Map<String, Experiment> experiments = new HashMap<>();

  Programme(Scenario scenario, long start) {
    this.scenario = scenario;
    this.start = start;
    this.begin = start - scenario.history().toMillis();
    List<ContactList> all = scenario.lists();
    for (int i = 0; i < all.size(); i++) {
      lists.put(all.get(i).id(), i);
    }
    scenario.experiments().forEach(e -> experiments.put(e.campaign(), e));
  }

  int listOf(Campaign campaign) {
    return lists.get(campaign.list());
  }

  /** The test that runs on a campaign now; null if none does. */
  Experiment experimentOn(Campaign campaign, long now) {
    Experiment experiment = experiments.get(campaign.id());
    return experiment == null || now < begin + experiment.starts().toMillis() ? null : experiment;
  }

  int indexOf(Experiment experiment) {
    return scenario.experiments().indexOf(experiment);
  }

  /** How much an incident weighs on its target now: its factor, or 1 if there is none. */
  double incident(IncidentKind kind, String target, long now) {
    for (Incident incident : scenario.incidents()) {
      long from = begin + incident.starts().toMillis();
      if (incident.kind() == kind
          && incident.target().equals(target)
          && now >= from
          && now < from + incident.lasts().toMillis()) {
        return incident.factor();
      }
    }
    return 1;
  }

  boolean happening(IncidentKind kind, String target, long now) {
    for (Incident incident : scenario.incidents()) {
      long from = begin + incident.starts().toMillis();
      if (incident.kind() == kind
          && incident.target().equals(target)
          && now >= from
          && now < from + incident.lasts().toMillis()) {
        return true;
      }
    }
    return false;
  }

  /** The instants at which a campaign's calendar begins a day, up to the start. */
  List<Long> days(Campaign campaign) {
    List<Long> days = new ArrayList<>();
    if (campaign.calendar() != null) {
      Duration every = campaign.calendar().every();
      long day = begin + campaign.calendar().first().toMillis();
      while (day < start) {
        days.add(day);
        if (every == null) {
          break;
        }
        day += every.toMillis();
      }
    }
    return days;
  }

  /** The tag of a welcome text: which step it is of its list's series; null for all other texts. */
  List<String> tags(Campaign campaign) {
    if (campaign.welcome() == null) {
      return null;
    }
    long before =
        scenario.campaigns().stream()
            .filter(other -> other.welcome() != null && other.list().equals(campaign.list()))
            .filter(other -> other.welcome().compareTo(campaign.welcome()) < 0)
            .count();
    return List.of("welcome:" + (before + 1));
  }

  static boolean isPromotional(Campaign campaign) {
    return campaign.category() == Category.PROMOTIONAL;
  }
}
