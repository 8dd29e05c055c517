package io.heed.cli;

import io.heed.core.experiments.Audience;
import io.heed.core.experiments.Traffic;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How many people an audience's lists have reached in the newest days of the warehouse. */
final class RecentReach {
  private static final int HOURS_PER_DAY = 24;

  /** People by the hours since their last promotional message, counted from the newest one. */
  private static final String PEOPLE_BY_AGE =
      """
      WITH (SELECT max(event_time) FROM events WHERE event_type = 'send') AS newest
      SELECT intDiv(toUnixTimestamp64Milli(newest) - toUnixTimestamp64Milli(latest), 3600000) AS age,
             count() AS people,
             max(intDiv(toUnixTimestamp64Milli(newest) - toUnixTimestamp64Milli(earliest), 3600000)) AS span
      FROM
        (SELECT recipient_id, max(event_time) AS latest, min(event_time) AS earliest
         FROM events
         WHERE event_type = 'send' AND category = 'PROMOTIONAL'
           AND event_time > newest - INTERVAL 28 DAY AND %s
         GROUP BY recipient_id)
      GROUP BY age
      ORDER BY age
      """;

  private RecentReach() {}

  /**
   * The pace of the newest days.
   *
   * @throws UserError if the warehouse knows no message to the audience
   */
  static Traffic of(Connection warehouse, Audience audience) throws SQLException {
    List<String> parameters = new ArrayList<>();
    String condition = condition(audience, parameters);
    List<Double> reached = new ArrayList<>();
    double people = 0;
    int span = 0;
    try (PreparedStatement query = warehouse.prepareStatement(PEOPLE_BY_AGE.formatted(condition))) {
      for (int i = 0; i < parameters.size(); i++) {
        query.setString(i + 1, parameters.get(i));
      }
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          span = Math.max(span, 1 + row.getInt("span"));
          int age = row.getInt("age");
          reached.addAll(Collections.nCopies(age - reached.size(), people));
          people += row.getLong("people");
          reached.add(people);
        }
      }
    }
    String who = audience.lists().isEmpty() ? "all lists" : String.join(", ", audience.lists());
    if (reached.isEmpty()) {
      throw new UserError(
          "the newest 28 days of the warehouse have no promotional message to " + who);
    }
    reached.addAll(Collections.nCopies(span - reached.size(), people));
    return new Traffic(
        "the pace of the newest %,.1f days in the warehouse: %,.0f people of %s, each counted once"
            .formatted((double) span / HOURS_PER_DAY, people, who),
        reached,
        0);
  }

  /** A condition on messages to an audience, whose places take the parameters that it adds. */
  static String condition(Audience audience, List<String> parameters) {
    return in("list_id", audience.lists(), parameters) + allTags(audience.tags(), parameters);
  }

  private static String in(String column, Iterable<String> values, List<String> parameters) {
    List<String> places = new ArrayList<>();
    for (String value : values) {
      places.add("?");
      parameters.add(value);
    }
    return places.isEmpty() ? "1" : column + " IN (" + String.join(", ", places) + ")";
  }

  private static String allTags(Iterable<String> tags, List<String> parameters) {
    StringBuilder condition = new StringBuilder();
    for (String tag : tags) {
      condition.append(" AND has(tags, ?)");
      parameters.add(tag);
    }
    return condition.toString();
  }
}
