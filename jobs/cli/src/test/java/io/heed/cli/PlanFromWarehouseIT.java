package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.attribution.LiftForecast.Outcomes;
import io.heed.core.experiments.Audience;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.experiments.Metric;
import io.heed.core.experiments.Traffic;
import io.heed.flink.Jobs;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The pace of a plan from the real engine, with the warehouse's own table of events. */
class PlanFromWarehouseIT {
  private static final String EXPERIMENT =
      """
      id: plan
      owner: o
      hypothesis: h
      variants: [{id: a, weight: 1}, {id: b, weight: 1}]
      primary_metric: {event: click, window: 24h, expected_base_rate: 0.2}
      minimum_effect: 0.5
      start: 2026-01-01
      audience: {lists: [deals]}
      """;

  @TempDir private static Path directory;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory).parts(Part.CLICKHOUSE).clickHousePort(0).build());
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        InputStream events = Jobs.class.getResourceAsStream("warehouse/0001_events.sql")) {
      String sql = new String(events.readAllBytes(), StandardCharsets.UTF_8);
      for (String each : sql.replaceAll("(?m)^--.*$", "").split(";\n", -1)) {
        if (each.contains(" events_versions\n(") || each.contains("VIEW IF NOT EXISTS events AS")) {
          statement.execute(each);
        }
      }
      // 300 people an hour apart, texted twice: 40 days ago and lately; other lists do not matter.
      statement.execute(
          """
          INSERT INTO events_versions
            (event_type, event_id, event_time, recipient_id, list_id, category, tags)
          SELECT 'send', concat(toString(number), '-', toString(old)),
            toDateTime64('2026-05-01 00:00:00', 3, 'UTC') - INTERVAL (number + 960 * old) HOUR,
            concat('r', toString(number)), 'deals', 'PROMOTIONAL', ['sale']
          FROM numbers(300) ARRAY JOIN [0, 1] AS old
          UNION ALL
          SELECT 'send', concat('other', toString(number)),
            toDateTime64('2026-05-01 00:00:00', 3, 'UTC'), concat('q', toString(number)),
            if(number % 2 = 0, 'news', 'deals'),
            if(number % 2 = 0, 'PROMOTIONAL', 'TRANSACTIONAL'), []
          FROM numbers(1000)
          """);
    }
  }

  private static Metric revenue(String cap) throws Exception {
    return ExperimentReader.parse(
            "plan",
            EXPERIMENT.replace(
                "event: click, window: 24h",
                "event: conversion, kinds: [PURCHASE], type: revenue, expected_value: 10, window: 24h"
                    + cap))
        .primaryMetric();
  }

  @Test
  void theCapOfRevenueIsWhatBuyersBringInAWindow() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      assertThat(RecentRevenue.cap(connection, revenue("")).get(1)).contains("0 buyers", "too few");
      // Two thousand people buy for 1 to 2,000, in two parts a minute apart, and once more a month
      // before; other kinds do not matter, and refunds are taken off.
      statement.execute(
          """
          INSERT INTO events_versions
            (event_type, event_id, event_time, recipient_id, kind, revenue_micros)
          SELECT 'conversion', concat('buys', toString(number), kind, toString(part)),
            toDateTime64('2026-05-01 00:00:00', 3, 'UTC') - INTERVAL part MINUTE,
            concat('r', toString(number)), kind, 500000 * (number + 1)
          FROM numbers(2000) ARRAY JOIN ['PURCHASE', 'LEAD'] AS kind
          ARRAY JOIN [1, 2, 50000] AS part
          UNION ALL
          SELECT 'conversion', 'back', toDateTime64('2026-05-01 00:00:00', 3, 'UTC'), 'r1999',
            'REFUND', 1900000000
          """);
      assertThat(RecentRevenue.cap(connection, revenue("")))
          .containsExactly(
              "",
              "Revenue has no cap_value. 99 % of 2,000 buyers brought at most cap_value: 1980.00");
      assertThat(RecentRevenue.cap(connection, revenue(", cap_value: 5"))).isEmpty();

      // The list's 300 people bought in one of four weeks, for 2, 4, 6, ... 600.
      var deals = new Audience(Set.of("deals"), Set.of());
      Outcomes outcomes = RecentRevenue.perPerson(connection, deals, Duration.ofDays(7));
      assertThat(outcomes.buyers()).isEqualTo(0.25);
      assertThat(outcomes.perBuyer()).isEqualTo(301);
      assertThat(outcomes.spread()).isCloseTo(173.2, within(0.1));
    }
  }

  private static Connection connect() throws Exception {
    return DriverManager.getConnection(stack.endpoints().clickHouseUrl());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void peopleAreCountedOnceByTheirNewestMessage() throws Exception {
    try (Connection connection = connect()) {
      Traffic deals = RecentReach.of(connection, new Audience(Set.of("deals"), Set.of("sale")));
      assertThat(deals.people()).isEqualTo(300);
      assertThat(deals.by(1)).isEqualTo(1);
      assertThat(deals.by(24)).isEqualTo(24);
      assertThat(deals.by(10_000)).isEqualTo(300);
      assertThat(deals.description())
          .isEqualTo(
              "the pace of the newest 12.5 days in the warehouse: 300 people of deals, each"
                  + " counted once");
      assertThat(RecentReach.of(connection, Audience.ALL).people()).isEqualTo(800);
      assertThatThrownBy(() -> RecentReach.of(connection, new Audience(Set.of("x"), Set.of())))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("no promotional message to x");
    }
  }

  @Test
  void thePlanSaysThatTheListIsTooSmall() throws Exception {
    Path file = Files.writeString(directory.resolve("plan.yaml"), EXPERIMENT);
    StringWriter out = new StringWriter();
    CommandLine command = Heed.commandLine();
    command.setOut(new PrintWriter(out));
    int code =
        command.execute(
            "plan",
            file.toString(),
            "--from-warehouse",
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl(),
            "--database",
            "default");
    assertThat(code).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines)
        .anyMatch(line -> line.startsWith("At the pace of the newest 12.5 days"))
        .anyMatch(line -> line.startsWith("ONLY 300 PEOPLE "))
        .anyMatch(line -> line.matches("fixed horizon, looked at once .* never .*"));
  }
}
