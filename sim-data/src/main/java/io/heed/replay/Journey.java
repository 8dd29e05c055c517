package io.heed.replay;

import io.heed.core.config.ConfigNode;
import io.heed.core.model.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a mapping makes of a row: the events of one recipient, or, with a count, of as many
 * recipients as the row stands for.
 *
 * @param count how many; null for one
 * @param draws marks that fall on some of the journeys of a row
 * @param number slot of the journey's number
 * @param idSuffix between the row and the journey's number in the ids of events
 */
record Journey(
    String name,
    Value count,
    List<Draw> draws,
    int number,
    Value recipient,
    List<TimeRule> times,
    List<EventRule> events,
    String idSuffix) {
  static final long MAX_COUNT = 1_000_000_000;

  /**
   * A mark that falls on exactly so many journeys of a row, drawn at random.
   *
   * @param slot of the mark, which is true or false
   */
  record Draw(int slot, Value count) {}

  static Journey read(ConfigNode node, boolean alone, Names mapping) {
    Names names = mapping.inner();
    String name = alone && !node.has("name") ? "" : Names.text(node.required("name"));
    Value count = node.optional("count").map(n -> Value.template(n, mapping)).orElse(null);
    int number = names.declare("n");
    List<Draw> draws = new ArrayList<>();
    node.optional("draw")
        .ifPresent(
            draw -> {
              for (String mark : draw.names()) {
                Value drawn = Value.template(draw.required(mark), mapping);
                draws.add(new Draw(names.declare(mark), drawn));
              }
            });
    Map<String, TimeRule> times = new LinkedHashMap<>();
    ConfigNode timesNode = node.required("times");
    for (String time : timesNode.names()) {
      ConfigNode timeNode = timesNode.required(time);
      TimeRule rule = TimeRule.read(time, timeNode, List.copyOf(times.keySet()), mapping);
      if (count != null && !times.isEmpty() && !rule.isRelative()) {
        timeNode.error(
            "with a count, every time but the first comes after another one of the journey",
            "after: " + String.join(", ", times.keySet()));
      }
      if (count != null && times.isEmpty() && rule.isExponential()) {
        timeNode.error("with a count, the first time spreads evenly", "uniform");
      }
      times.put(time, rule);
    }
    List<String> timeNames = List.copyOf(times.keySet());
    List<EventRule> events =
        node.required("events").list(event -> EventRule.read(event, timeNames, names));
    if (events.stream().map(event -> event.name).distinct().count() < events.size()) {
      node.required("events").error("two events of one name", "a name of its own for each");
    }
    return new Journey(
        name,
        count,
        List.copyOf(draws),
        number,
        Value.template(node.required("recipient"), names),
        List.copyOf(times.values()),
        events,
        name.isEmpty() ? "-" : "-" + name + "-");
  }

  boolean countsFromBase() {
    return times.stream().anyMatch(TimeRule::countsFromBase);
  }

  /** How many journeys the row stands for. */
  long count(Scope scope) throws RowException {
    return count == null ? 1 : Value.integer(count, scope, MAX_COUNT);
  }

  /** How many of {@code count} journeys a mark falls on. */
  long drawn(Draw draw, Scope scope, long count) throws RowException {
    return Value.integer(draw.count(), scope, count);
  }

  /**
   * Finds what is wrong with a row, without its events being made.
   *
   * @param scope changes
   * @param now events must not lie behind it, epoch milliseconds
   * @return the latest instant that an event may have, or {@link Long#MIN_VALUE} without events
   */
  long check(Scope scope, long now) throws RowException {
    scope.count = count(scope);
    long latest = Long.MIN_VALUE;
    if (scope.count == 0) {
      return latest;
    }
    for (Draw draw : draws) {
      drawn(draw, scope, scope.count);
    }
    scope.texts[number] = "1";
    for (boolean mark : draws.isEmpty() ? Set.of(true) : Set.of(true, false)) {
      draws.forEach(draw -> scope.texts[draw.slot()] = Boolean.toString(mark));
      List<Event> first = new ArrayList<>();
      for (EventRule event : events) {
        if (event.applies(scope)) {
          latest = Math.max(latest, latest(event, scope, now));
          event.make(scope, "", recipient(scope), 0, first);
        }
      }
    }
    return latest;
  }

  private long latest(EventRule event, Scope scope, long now) throws RowException {
    TimeRule rule = times.get(event.at());
    long longestDelay = rule.longestDelayMillis() + event.lastStepMillis(scope);
    while (rule.isRelative()) {
      rule = times.get(rule.after());
      longestDelay += rule.longestDelayMillis();
    }
    long origin = rule.origin(scope);
    long latest = origin + longestDelay;
    if (origin < Event.EARLIEST || latest > now) {
      Instant allowed = Instant.ofEpochMilli(origin < Event.EARLIEST ? origin : latest);
      throw new RowException(
          rule.column() == null ? "" : rule.column().reads(),
          event.name + " may happen at " + allowed,
          "%s to %s".formatted(Instant.ofEpochMilli(Event.EARLIEST), Instant.ofEpochMilli(now)));
    }
    return latest;
  }

  String recipient(Scope scope) throws RowException {
    String id = recipient.in(scope);
    if (id.isEmpty()) {
      throw new RowException(recipient.reads(), "recipient is required, but empty", "an id");
    }
    return Value.id(recipient, id);
  }
}
