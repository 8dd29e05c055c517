package io.heed.core.gate;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.hours.QuietHours.OwnHours;
import io.heed.core.hours.Reading;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import io.heed.core.rules.Cap;
import io.heed.core.rules.Csv;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVRecord;

/**
 * The policies that hold together at one time, and the laws. A policy is for a list if it names it
 * or names none. Lists that no policy gives a promotional cap have the customary ones: 4 in 30 days
 * and 1 in 24 hours.
 */
final class Rules {
  /** Scope of everything that no list has of its own. */
  static final String ALL = "*";

  private static final long HOUR = 3_600_000L;

  /** The larger limit of the customary caps. */
  static final int CUSTOMARY_LIMIT = 4;

  private static final List<Cap> CUSTOMARY =
      List.of(
          Cap.rolling(CUSTOMARY_LIMIT, 30 * 24 * HOUR, CapSource.FIXED),
          Cap.rolling(1, 24 * HOUR, CapSource.FIXED));

  private static final int MAX_LISTS = 10_000;

  /** A limit by law. */
  record Law(String region, Cap cap, long from, long to) {}

  static final List<Law> LAWS = laws();

  /**
   * What holds for the messages of one list.
   *
   * @param optimise of the first policy that states it; null for none
   * @param published the caps that are published, those without a tag, by category
   */
  record ForList(
      List<Cap> caps,
      boolean consentRequired,
      boolean unprovenImports,
      boolean sunsetDenied,
      Reading law,
      OwnHours hours,
      Set<Category> hoursCategories,
      Set<String> countries,
      Optimise optimise,
      String version,
      Map<Category, List<Cap>> published) {

    /** The caps that limit a kind of message. */
    List<Cap> limits(Category category, String list, List<String> tags) {
      for (Cap cap : caps) {
        if (!cap.limits(category, list, tags)) {
          return caps.stream().filter(each -> each.limits(category, list, tags)).toList();
        }
      }
      return caps;
    }
  }

  private final List<Policy> policies;
  private final List<String> hashes;
  private final String hash;
  private final Set<String> ownScopes = new LinkedHashSet<>();
  private final Map<String, ForList> byList = new HashMap<>();

  Rules(List<Policy> policies, List<String> hashes) {
    this.policies = List.copyOf(policies);
    this.hashes = List.copyOf(hashes);
    this.hash = Hash.id("rules", hashes, CUSTOMARY, LAWS);
    for (Policy policy : policies) {
      ownScopes.addAll(policy.lists());
      policy.caps().stream()
          .filter(cap -> cap.list() != null)
          .forEach(cap -> ownScopes.add(cap.list()));
    }
  }

  /** Equal for equal rules, also in another run. */
  String hash() {
    return hash;
  }

  /**
   * The programme's hold-out at an instant; null for none. Of several the first policy's counts.
   */
  ProgrammeHoldout holdoutAt(long instant) {
    for (Policy policy : policies) {
      if (policy.holdout() != null && policy.holdout().covers(instant)) {
        return policy.holdout();
      }
    }
    return null;
  }

  /** Whether some policy compares what the optimizer earns with a control. */
  boolean comparesValues() {
    return policies.stream().anyMatch(p -> p.optimise() != null && p.optimise().compares());
  }

  /** Whether every list has the same caps. */
  boolean isUniform() {
    return ownScopes.isEmpty();
  }

  /** Whether a list has caps that are not those of {@link #ALL}. */
  boolean hasOwnCaps(String list) {
    return ownScopes.contains(list);
  }

  /** What holds for a list; for {@link #ALL} what holds for lists that no policy names. */
  ForList of(String list) {
    String key = list.equals(ALL) || ownScopes.contains(list) ? list : ALL;
    ForList known = byList.get(key);
    if (known == null) {
      known = resolve(key);
      if (byList.size() < MAX_LISTS) {
        byList.put(key, known);
      }
    }
    return known;
  }

  private ForList resolve(String list) {
    List<Cap> caps = new ArrayList<>();
    List<String> versions = new ArrayList<>();
    Set<Category> hoursCategories = new LinkedHashSet<>();
    Set<String> countries = new LinkedHashSet<>();
    boolean consentRequired = false;
    boolean unprovenImports = false;
    boolean sunsetDenied = false;
    boolean settled = false;
    boolean strict = false;
    int from = -1;
    int to = 24 * 60;
    Optimise optimise = null;
    for (int i = 0; i < policies.size(); i++) {
      Policy policy = policies.get(i);
      if (!policy.lists().isEmpty() && !policy.lists().contains(list)) {
        continue;
      }
      policy.caps().stream()
          .filter(cap -> cap.list() == null || cap.list().equals(list))
          .forEach(caps::add);
      consentRequired |= policy.consentRequired();
      unprovenImports |= policy.unprovenImports();
      sunsetDenied |= policy.sunsetDenied();
      settled |= policy.law() == Reading.SETTLED;
      strict |= policy.law() == Reading.STRICT;
      hoursCategories.addAll(policy.hoursCategories());
      countries.addAll(policy.countries());
      if (policy.hours() != null) {
        from = Math.max(from, policy.hours().fromMinute());
        to = Math.min(to, policy.hours().toMinute());
      }
      optimise = optimise == null ? policy.optimise() : optimise;
      versions.add(hashes.get(i));
    }
    if (caps.stream().noneMatch(cap -> cap.category() == Category.PROMOTIONAL)) {
      caps.addAll(CUSTOMARY);
    }
    if (versions.isEmpty()) {
      hoursCategories.add(Category.PROMOTIONAL);
    }
    return new ForList(
        List.copyOf(caps),
        consentRequired,
        unprovenImports,
        sunsetDenied,
        settled && !strict ? Reading.SETTLED : Reading.STRICT,
        from < 0 ? null : new OwnHours(Math.min(from, to), to),
        Set.copyOf(hoursCategories),
        countries.isEmpty() ? null : Set.copyOf(countries),
        optimise,
        versions.isEmpty() ? "default" : String.join("+", versions),
        caps.stream()
            .filter(cap -> cap.tag() == null)
            .collect(
                Collectors.groupingBy(
                    Cap::category, () -> new EnumMap<>(Category.class), Collectors.toList())));
  }

  private static List<Law> laws() {
    List<Law> laws = new ArrayList<>();
    for (CSVRecord row : Csv.rows(Rules.class, "frequency-laws.csv")) {
      Cap cap =
          Cap.rolling(
              Integer.parseInt(row.get("limit")),
              Long.parseLong(row.get("window_hours")) * HOUR,
              CapSource.STATE_LAW);
      String until = row.get("effective_to");
      laws.add(
          new Law(
              row.get("region"),
              cap,
              midnight(row.get("effective_from")),
              until.isEmpty() ? Long.MAX_VALUE : midnight(until)));
    }
    return List.copyOf(laws);
  }

  static long midnight(String date) {
    return LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }
}
