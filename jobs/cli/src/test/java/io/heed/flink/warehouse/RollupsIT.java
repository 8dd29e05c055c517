package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.flink.streaming.JobOptions;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is kept beside the events holds what they say: rollups, the ledger, the newest decisions,
 * whatever comes twice, moves in time or dies. On the real engine; each test has a database of its
 * own.
 */
class RollupsIT {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();

  /** The least that the database reads of a table. */
  private static final long GRANULE = 8_192;

  private static final long NOW = Instant.parse("2026-11-02T10:30:00Z").toEpochMilli();

  /** What every message was like and what became of it, message by message, without arrays. */
  private static final String PROFILE =
      """
      WITH
          sent AS
          (
              SELECT event_id, recipient_id, message_id, event_time AS at, list_id, category, time_zone,
                  if(channel = '', 'sms', channel) AS travels
              FROM events WHERE event_type = 'send' AND late = 0
          ),
          revoked AS
          (
              SELECT event_id, recipient_id, message_id, event_time AS gone
              FROM events WHERE late = 0 AND (event_type = 'opt-out' OR (event_type = 'reply' AND method != ''))
          ),
          stopped AS
          (
              SELECT argMax(sent.event_id, (at, sent.message_id)) AS event_id
              FROM revoked INNER JOIN sent ON revoked.recipient_id = sent.recipient_id
              WHERE revoked.message_id = '' AND at <= gone
              GROUP BY revoked.event_id, gone
              HAVING gone < max(at) + INTERVAL 72 HOUR
              UNION ALL
              SELECT sent.event_id
              FROM revoked INNER JOIN sent ON revoked.recipient_id = sent.recipient_id AND revoked.message_id = sent.message_id
              WHERE gone >= at AND gone < at + INTERVAL 72 HOUR
          ),
          message AS
          (
              SELECT any(sent.at) AS at, any(sent.list_id) AS list_id, any(travels) AS channel, any(sent.category) AS category,
                  any(sent.time_zone) AS zone, any(sent.recipient_id) AS recipient_id,
                  least(5, uniqExactIf(other.event_id, other.event_type = 'send' AND other.event_time < sent.at AND other.event_time >= sent.at - INTERVAL 7 DAY)) AS before,
                  max(mine AND other.event_type = 'delivery' AND status IN ('DELIVERED', 'READ')) AS delivered,
                  max(mine AND other.event_type = 'delivery' AND status = 'READ') AS read,
                  max(mine AND other.event_type = 'click' AND scanner = 0
                      AND (user_agent = '' OR other.event_time < sent.at OR other.event_time >= sent.at + INTERVAL 2 SECOND)) AS clicked,
                  max(mine AND other.event_type = 'reply') AS replied,
                  any(sent.event_id IN (stopped)) AS left
              FROM sent INNER JOIN
              (
                  SELECT *, message_id AS of FROM events WHERE late = 0
              ) AS other ON sent.recipient_id = other.recipient_id
              GROUP BY sent.event_id
          )
      SELECT toDate(at) AS day, list_id, class.1, class.2, class.3, count(),
          sum(delivered), sum(read), sum(clicked), sum(replied), sum(left)
      FROM
      (
          SELECT message.*, arrayJoin([
              ('channel', toString(channel), ''),
              ('category', toString(category), ''),
              ('local_time', if(zone = '', '', formatDateTime(at, '%u', if(zone = '', 'UTC', zone))),
                  if(zone = '', '', formatDateTime(at, '%H', if(zone = '', 'UTC', zone)))),
              ('fatigue', toString(before), multiIf(began = 0 OR at < began, '', at <= began + INTERVAL 7 DAY, '7',
                  at <= began + INTERVAL 30 DAY, '30', at <= began + INTERVAL 90 DAY, '90', '0'))]) AS class
          FROM message LEFT JOIN
          (
              SELECT recipient_id, scope, min(event_time) AS began FROM events WHERE event_type = 'opt-in' GROUP BY ALL
          ) AS consent ON message.recipient_id = consent.recipient_id AND message.list_id = consent.scope
      )
      GROUP BY ALL ORDER BY ALL"""
          .replace(
              "mine AND",
              "sent.message_id = of AND other.event_time < sent.at + INTERVAL 72 HOUR AND");

  /** The rollups' definitions over all that there is. */
  private static final Map<String, String> DEFINITIONS =
      Map.of(
          "send_profile",
          PROFILE,
          "event_hourly",
          """
          SELECT toStartOfHour(event_time) AS hour, event_type, list_id, campaign_id, count(), countIf(late = 1),
              uniq(recipient_id), sum(cost_micros), sum(if(kind = 'REFUND', -revenue_micros, revenue_micros))
          FROM events GROUP BY ALL ORDER BY ALL""",
          "decision_hourly",
          """
          SELECT toStartOfHour(decided_at) AS hour, topic, state, reasons[1], count()
          FROM decision GROUP BY ALL ORDER BY ALL""",
          "attribution_hourly",
          """
          SELECT toStartOfHour(conversion_time) AS hour, model, kind, channel, campaign_id, variant_id,
              sum(credit), sum(revenue_micros)
          FROM attribution_credit GROUP BY ALL HAVING sum(credit) != 0 OR sum(revenue_micros) != 0 ORDER BY ALL""",
          "engagement_recency",
          """
          WITH (SELECT max(least(event_time, appended_at)) FROM events) AS newest
          SELECT arrayJoin(lists) AS list_id,
              multiIf(days <= 7, 7, days <= 30, 30, days <= 60, 60, days <= 90, 90, 0) AS within_days,
              if(within_days = 0, 'dormant', concat('within ', toString(within_days), ' days')), count(), newest
          FROM
          (
              SELECT lists, dateDiff('second', last_engagement, newest) / 86400 AS days
              FROM
              (
                  SELECT groupUniqArrayArray(lists) AS lists, greatest(max(answered),
                      maxArray(arrayFilter(t -> t < sent OR t >= sent + INTERVAL 2 SECOND, clicked))) AS last_engagement
                  FROM
                  (
                      SELECT recipient_id, groupUniqArrayIf(list_id, event_type = 'send') AS lists,
                          minIf(event_time, event_type = 'send') AS sent,
                          maxIf(event_time, event_type = 'conversion' OR (event_type = 'reply' AND method = '')
                              OR (event_type = 'click' AND user_agent = '')) AS answered,
                          groupArrayIf(event_time, event_type = 'click' AND user_agent != '' AND scanner = 0) AS clicked
                      FROM events GROUP BY recipient_id, message_id
                  )
                  GROUP BY recipient_id
              )
          )
          GROUP BY ALL ORDER BY ALL""");

  private static final Set<String> DATABASES = new HashSet<>();

  @TempDir private static Path directory;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory).parts(Part.CLICKHOUSE).clickHousePort(0).build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /** Rollups would go on beside the next test. */
  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = DriverManager.getConnection(stack.endpoints().clickHouseUrl());
        Statement statement = connection.createStatement()) {
      for (String database : DATABASES) {
        statement.execute("DROP DATABASE IF EXISTS " + database);
      }
    }
    DATABASES.clear();
  }

  @Test
  void whatComesAgainAtAnotherTimeCountsAsItFirstCame() throws Exception {
    Random random = new Random(3);
    try (Warehouse warehouse = new Warehouse("again")) {
      List<Row> rows = traffic(random, 0, 4_000, NOW);
      List<Row> again = new ArrayList<>();
      Map<String, Row> first = new HashMap<>();
      for (Row row : rows) {
        first.put(id(row), row);
        if (random.nextInt(10) == 0) {
          // Before or after it in Kafka, in the same hour or months away.
          long offset = random.nextBoolean() ? -1 - row.offset() : row.offset() + 100_000;
          long by = random.nextInt(3) == 0 ? 1_000 : (random.nextInt(80) - 40) * DAY;
          Row copy = row(moved((Event) row.content(), by), 500_000 + offset, NOW + DAY);
          again.add(copy);
          first.merge(id(row), copy, (a, b) -> a.precedence() > b.precedence() ? a : b);
        }
      }
      Collections.shuffle(again, random);
      // Some within the batch of their first, most after it, and everything once more.
      rows.addAll(again.subList(0, 100));
      warehouse.insert(rows);
      warehouse.assertRollups();
      warehouse.insert(again.subList(100, again.size()));
      warehouse.insert(rows);
      warehouse.assertRollups();

      List<String> expected =
          first.values().stream()
              .map(row -> id(row) + "|" + ((Event) row.content()).eventTime())
              .sorted()
              .toList();
      assertThat(again).hasSizeGreaterThan(300);
      assertThat(
              warehouse.query(
                  "SELECT event_type, event_id, toUnixTimestamp64Milli(event_time) AS at FROM events"
                      + " ORDER BY concat(event_type, '|', event_id, '|', toString(at))"))
          .isEqualTo(expected);
      assertThat(
              warehouse.query(
                  "SELECT event_type, event_id, toUnixTimestamp64Milli(event_time) AS at FROM consent_ledger"
                      + " ORDER BY concat(event_type, '|', event_id, '|', toString(at))"))
          .isEqualTo(expected.stream().filter(row -> row.startsWith("send")).toList());
    }
  }

  @Test
  void twoWritersWithTheSameEventsAgree() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(2);
    try (Warehouse one = new Warehouse("writers");
        Warehouse other = new Warehouse("writers")) {
      for (int round = 0; round < 10; round++) {
        List<Row> rows = traffic(new Random(round), 1_000 * round, 200, NOW);
        List<Row> moved = new ArrayList<>();
        for (Row row : rows) {
          moved.add(row(moved((Event) row.content(), 3 * DAY), 1_000_000 + row.offset(), NOW));
        }
        List<Callable<Void>> both = List.of(one.inserting(rows), other.inserting(moved));
        for (Future<Void> done : writers.invokeAll(both)) {
          done.get();
        }
      }
      assertThat(one.query("SELECT count(), uniqExact(event_type, event_id) FROM events"))
          .isEqualTo(one.query("SELECT count(), count() FROM events"));
      assertThat(
              one.query(
                  "SELECT count() FROM events WHERE event_time > %s".formatted(at(NOW + DAY))))
          .containsExactly("0");
      one.assertRollups();
    } finally {
      writers.shutdownNow();
    }
  }

  /** The other writer begins after this one has looked, and ends before its rows are in. */
  @Test
  void aWriterThatIsOvertakenFindsItOut() throws Exception {
    try (Warehouse overtaken = new Warehouse("overtaken");
        Warehouse other = new Warehouse("overtaken")) {
      List<Row> moved = new ArrayList<>();
      List<Row> rows = traffic(new Random(5), 0, 200, NOW);
      for (Row row : rows) {
        moved.add(row(moved((Event) row.content(), 3 * DAY), 1_000_000 + row.offset(), NOW));
      }
      RowInserter late =
          new RowInserter() {
            private final RowInserter own = new TableInserter(overtaken.database, Table.EVENTS);

            @Override
            public void insert(List<Row> all) throws SQLException {
              other.insert(moved);
              own.insert(all);
            }

            @Override
            public void close() throws SQLException {
              own.close();
            }
          };
      try (EventInserter inserter = new EventInserter(overtaken.database, late)) {
        inserter.insert(rows);
      }
      assertThat(other.query("SELECT count(), uniqExact(event_type, event_id) FROM events"))
          .isEqualTo(other.query("SELECT count(), count() FROM events"));
      assertThat(
              other.query(
                  "SELECT count() FROM events WHERE event_time > %s".formatted(at(NOW + DAY))))
          .containsExactly("0");
      other.assertRollups();
    }
  }

  /**
   * Messages of all kinds with all that becomes of them, some twice and at other times, in any
   * order.
   */
  @Test
  void whatSendsWereLikeIsWhatTheEventsSay() throws Exception {
    Random random = new Random(11);
    try (Warehouse warehouse = new Warehouse("profile")) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        String recipient = "r" + random.nextInt(300);
        String message = "m" + i;
        long at = NOW - random.nextInt(40) * DAY + random.nextInt(80_000_000);
        rows.add(row(message(i, at, recipient, message, random), 10L * i, at));
        if (random.nextInt(10) > 0) {
          DeliveryStatus status =
              random.nextInt(4) == 0 ? DeliveryStatus.READ : DeliveryStatus.DELIVERED;
          long after = random.nextInt(4) * DAY / 2 + 5_000;
          rows.add(
              row(
                  new Delivery("d" + i, at + after, recipient, message, status, null, "v", "att"),
                  10L * i + 1,
                  at + after));
        }
        if (random.nextInt(3) == 0) {
          long after = random.nextInt(4) == 0 ? 1_500 : random.nextInt(90) * HOUR;
          String agent = List.of("Mozilla", "Googlebot/2.1", "").get(random.nextInt(3));
          rows.add(
              row(
                  new Click("c" + i, at + after, recipient, message, null, null, agent, null),
                  10L * i + 2,
                  at + after));
        }
        if (random.nextInt(5) == 0) {
          String words = random.nextBoolean() ? "STOP" : "nice";
          String of = random.nextBoolean() ? message : null;
          rows.add(
              row(new Reply("p" + i, at + HOUR, recipient, of, words), 10L * i + 3, at + HOUR));
        }
        if (random.nextInt(9) == 0) {
          long gone = at + random.nextInt(100) * HOUR + 7;
          rows.add(
              row(
                  new OptOut(
                      "o" + i,
                      gone,
                      recipient,
                      "*",
                      OptOutMethod.WEB,
                      random.nextBoolean() ? message : null),
                  10L * i + 4,
                  gone));
        }
        if (random.nextInt(4) == 0) {
          long joined = at - random.nextInt(120) * DAY;
          rows.add(
              row(
                  new OptIn(
                      "i" + i,
                      joined,
                      recipient,
                      "list" + recipient.hashCode() % 3,
                      OptInMethod.WEB,
                      null),
                  10L * i + 5,
                  joined));
        }
      }
      Collections.shuffle(rows, random);
      for (int part = 0; part < rows.size(); part += 2_500) {
        warehouse.insert(rows.subList(part, Math.min(rows.size(), part + 2_500)));
        warehouse.assertRollups();
      }
      List<Row> again = new ArrayList<>();
      for (Row row : rows.subList(0, 600)) {
        // A send again at another time, before or after its first in Kafka; all else as it was.
        boolean before = random.nextBoolean();
        Object content =
            row.content() instanceof Send send
                ? new Send(
                    send.eventId(),
                    send.eventTime() + (random.nextInt(9) - 4) * DAY,
                    send.recipientId(),
                    send.messageId(),
                    send.campaignId(),
                    send.listId(),
                    send.category(),
                    null,
                    null,
                    null,
                    "att",
                    null,
                    send.timeZone(),
                    1,
                    7_900,
                    null,
                    send.tags(),
                    send.channel())
                : row.content();
        again.add(row(content, before ? -1 - row.offset() : row.offset() + 100_000, NOW));
      }
      warehouse.insert(again);
      warehouse.assertRollups();
      assertThat(
              warehouse.query(
                  "SELECT sum(opt_outs) > 100, sum(read) > 100 FROM send_profile WHERE dimension = 'fatigue'"))
          .containsExactly("1|1");
      assertThat(
              warehouse
                  .query(
                      "SELECT countIf(subpart = ''), uniqExact(subpart) FROM send_profile WHERE dimension = 'fatigue'")
                  .get(0))
          .doesNotStartWith("0|")
          .endsWith("|5");
    }
  }

  private static Send message(int i, long at, String recipient, String message, Random random) {
    return new Send(
        "s" + i,
        at,
        recipient,
        message,
        "campaign" + i % 3,
        "list" + recipient.hashCode() % 3,
        random.nextBoolean() ? Category.PROMOTIONAL : Category.TRANSACTIONAL,
        null,
        null,
        null,
        "att",
        null,
        random.nextInt(8) == 0
            ? null
            : List.of("America/New_York", "Asia/Kolkata", "Europe/London").get(random.nextInt(3)),
        1,
        7_900,
        null,
        random.nextInt(5) == 0 ? List.of("vip", "welcome:" + random.nextInt(3)) : List.of(),
        random.nextInt(3) == 0 ? "rcs" : null);
  }

  @Test
  void whoIsOnAListIsWhoseSuppressionDoesNotHold() throws Exception {
    try (Warehouse warehouse = new Warehouse("subscribers")) {
      long week = Instant.parse("2026-10-26T00:00:00Z").toEpochMilli();
      List<Row> rows = new ArrayList<>();
      List<Row> decisions = new ArrayList<>();
      // 0: stays. 1: left the list. 2: left all. 3: left all, came back to this one. 4: texted
      // only.
      for (int i = 0; i < 50; i++) {
        String who = "r" + i;
        if (i % 5 != 4) {
          rows.add(row(new OptIn("i" + i, week + i, who, "deals", OptInMethod.WEB, null), i, week));
        }
        rows.add(row(send("s" + i, NOW, who, "m" + i, "deals"), 100 + i, NOW));
        switch (i % 5) {
          case 1 -> decisions.add(suppression(who, "deals", SuppressionState.SUPPRESSED, NOW, i));
          case 2 -> decisions.add(suppression(who, "*", SuppressionState.SUPPRESSED, NOW, i));
          case 3 -> {
            decisions.add(suppression(who, "*", SuppressionState.SUPPRESSED, NOW - 5 * DAY, i));
            decisions.add(
                suppression(who, "deals", SuppressionState.ALLOWED, NOW - 2 * DAY, 100 + i));
          }
          default -> {}
        }
      }
      rows.addAll(List.copyOf(rows));
      warehouse.insert(rows);
      warehouse.store.insert(Table.ALL.get("decision"), decisions);
      warehouse.refreshAll();
      assertThat(
              warehouse.query(
                  "SELECT cohort, within_days, joined, subscribers FROM subscription ORDER BY ALL"))
          .containsExactly("1970-01-01|65535|10|10", "2026-10-26|7|10|10", "2026-10-26|30|30|10");
    }
  }

  /** A send that comes after the click on it may show that the click was a scanner's. */
  @Test
  void aLateSendTakesAClickBackAndSoDoesACorrection() throws Exception {
    try (Warehouse warehouse = new Warehouse("late")) {
      long hour = NOW - NOW % HOUR;
      Row send = row(send("s1", hour - 500, "r1", "m1"), 7, NOW);
      Row click = row(new Click("c1", hour + 500, "r1", "m1", null, null, "Mozilla", null), 1, NOW);
      warehouse.insert(List.of(row(send("s0", NOW - 50 * DAY, "r1", "m0"), 2, NOW), click));
      warehouse.assertRollups();
      assertThat(warehouse.query("SELECT within_days FROM engagement_recency"))
          .containsExactly("7");
      warehouse.insert(List.of(send));
      warehouse.assertRollups();
      assertThat(warehouse.query("SELECT within_days FROM engagement_recency"))
          .containsExactly("0");
    }
  }

  @Test
  void creditsAndDecisionsAreRestatedInTheirHours() throws Exception {
    Random random = new Random(5);
    try (Warehouse warehouse = new Warehouse("restated")) {
      for (int round = 0; round < 4; round++) {
        List<Row> credits = new ArrayList<>();
        List<Row> decisions = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          int conversion = random.nextInt(300);
          credits.add(credit(round + 1, conversion, random.nextInt(4)));
          int decision = random.nextInt(300);
          decisions.add(suppression(decision, 1_000L * round + i));
        }
        warehouse.store.insert(Table.ALL.get("attribution_credit"), credits);
        warehouse.store.insert(Table.ALL.get("decision"), decisions);
        warehouse.assertRollups();
      }
      assertThat(
              warehouse.query(
                  "SELECT key, max(seq) FROM decision_newest_versions GROUP BY key ORDER BY key"))
          .isEqualTo(warehouse.query("SELECT key, seq FROM decision_newest ORDER BY key"));
    }
  }

  /** Or a view of ten experiments would read the decisions about ten million people. */
  @Test
  void aViewOfOneTopicReadsNoOther() throws Exception {
    try (Warehouse warehouse = new Warehouse("topics")) {
      List<Row> decisions = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        Row row = suppression("r" + i, "*", SuppressionState.SUPPRESSED, NOW, i);
        decisions.add(new Row(row.content(), "sms.decision.another", 0, i, NOW, false, row.json()));
      }
      warehouse.store.insert(Table.ALL.get("decision"), decisions);
      List<String> views =
          warehouse.query(
              "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'"
                  + " AND create_table_query LIKE '%endsWith(topic%' AND create_table_query NOT LIKE '%{%'");
      assertThat(views).contains("experiment_list", "value_verdict", "hot_recipient");
      for (String view : views) {
        assertThat(
                warehouse.query(
                    "SELECT sum(rows) FROM (EXPLAIN ESTIMATE SELECT * FROM %s)".formatted(view)))
            .as("rows that " + view + " reads")
            .containsExactly("0");
      }
    }
  }

  @Test
  void aDatabaseKilledWhileItRefreshesComesToTheSame() throws Exception {
    try (Warehouse warehouse = new Warehouse("killed")) {
      warehouse.insert(traffic(new Random(8), 0, 30_000, NOW));
      for (int round = 1; round <= 3; round++) {
        List<Row> rows = traffic(new Random(8 + round), 100_000 * round, 3_000, NOW);
        // Over its last connection an insert would meet the server that has died.
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .ignoreExceptions()
            .until(() -> warehouse.inserting(rows).call() == null);
        warehouse.query("SYSTEM REFRESH VIEW event_hourly_refresh");
        warehouse.query("SYSTEM REFRESH VIEW engagement_hourly_refresh");
        Thread.sleep(20L * round);
        ProcessHandle server = ProcessHandle.of(stack.pid(Part.CLICKHOUSE)).orElseThrow();
        assertThat(server.destroyForcibly()).isTrue();
        server.onExit().join();
        awaitAnswer(warehouse);
      }
      warehouse.assertRollups();
    }
  }

  @Test
  void eventsExpireAndWhatIsMadeOfThemStays() throws Exception {
    long now = System.currentTimeMillis();
    String old = "event_time < now() - INTERVAL 70 DAY";
    List<String> rollup;
    List<String> ledger;
    try (Warehouse warehouse = new Warehouse("expiring")) {
      warehouse.insert(traffic(new Random(2), 0, 5_000, now));
      warehouse.refreshAll();
      rollup = warehouse.query("SELECT * FROM event_hourly ORDER BY ALL");
      ledger = warehouse.query("SELECT * FROM consent_ledger ORDER BY ALL");
      assertThat(warehouse.query("SELECT count() > 500 FROM events WHERE " + old))
          .containsExactly("1");
    }
    try (Warehouse warehouse = new Warehouse("expiring", "--keep", "events=35d")) {
      // Comes too late to be kept, and would be all that is left of its hour.
      warehouse.insert(List.of(row(send("late", now - 90 * DAY, "r1", "m"), 900_000, now)));
      for (String table : List.of("events_versions", "event_place")) {
        warehouse.query("OPTIMIZE TABLE " + table + " FINAL");
      }
      assertThat(warehouse.query("SELECT count() FROM events WHERE " + old)).containsExactly("0");
      assertThat(
              warehouse.query(
                  "SELECT count() FROM event_place WHERE hour < now() - INTERVAL 36 DAY"))
          .containsExactly("0");
      assertThat(warehouse.query("SELECT count() > 1000 FROM events")).containsExactly("1");
      warehouse.refreshAll();
      assertThat(warehouse.query("SELECT * FROM event_hourly ORDER BY ALL")).isEqualTo(rollup);
      assertThat(
              warehouse.query("SELECT * FROM consent_ledger WHERE event_id != 'late' ORDER BY ALL"))
          .isEqualTo(ledger);
    }
    try (Warehouse warehouse = new Warehouse("expiring")) {
      assertThat(warehouse.query("SELECT * FROM retention")).isEmpty();
    }
  }

  private static void awaitAnswer(Warehouse warehouse) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> warehouse.query("SELECT 1").size() == 1);
  }

  /** Measured in rows that a refresh reads: they do not depend on the machine. */
  @Test
  void aRefreshCostsWhatIsNewNotWhatIsThere() throws Exception {
    Map<String, List<Long>> read = new HashMap<>();
    long conversions;
    try (Warehouse warehouse = new Warehouse("cost")) {
      int written = 0;
      for (int size : List.of(50_000, 200_000)) {
        for (; written < size; written += 25_000) {
          long days = 100L + written / 1_000;
          warehouse.insert(traffic(new Random(written), written, 25_000, NOW - days * DAY));
        }
        warehouse.refreshAll();
        // What three minutes without traffic do, and merges.
        warehouse.query("TRUNCATE TABLE touched_hour");
        warehouse.query("OPTIMIZE TABLE list_recipient FINAL");
        warehouse.query("OPTIMIZE TABLE engagement_hourly_versions FINAL");
        warehouse.insert(minute(10_000_000 + size, NOW + size / 10_000 * HOUR));
        for (String view : warehouse.refreshAll()) {
          read.computeIfAbsent(view, name -> new ArrayList<>()).add(warehouse.rowsRead(view));
        }
      }
      conversions =
          Long.parseLong(
              warehouse.query("SELECT count() FROM events WHERE event_type = 'conversion'").get(0));
    }
    assertThat(read).hasSize(10);
    // What leads became depends on all conversions, and reads no other event.
    assertThat(read.remove("lead_outcome").get(1)).isLessThanOrEqualTo(conversions + GRANULE);
    read.forEach(
        (view, rows) ->
            assertThat(rows.get(1))
                .as("rows that %s reads after 50,000 and after 200,000 events: %s", view, rows)
                .isLessThanOrEqualTo(2 * rows.get(0) + GRANULE));
  }

  private static List<Row> minute(int from, long begin) {
    List<Row> rows = new ArrayList<>();
    for (int i = from; i < from + 1_000; i++) {
      long at = begin + 60L * (i - from);
      rows.add(row(send("s" + i, at, "r" + i % 700, "m" + i), 10L * i, at));
      rows.add(
          row(
              new Click("c" + i, at, "r" + i % 31, "m" + i, null, null, "", null),
              10L * i + 1,
              at));
    }
    return rows;
  }

  private static List<Row> traffic(Random random, int from, int count, long now) {
    List<Row> rows = new ArrayList<>();
    for (int i = from; rows.size() < count; i++) {
      String recipient = "r" + random.nextInt(700);
      String message = "m" + i;
      long at = now - random.nextInt(100) * DAY + random.nextInt(100_000);
      rows.add(row(send("s" + i, at, recipient, message), 10L * i, at));
      if (random.nextInt(3) == 0) {
        long after = random.nextBoolean() ? random.nextInt(3_000) : random.nextInt(5_000_000);
        String agent = List.of("Mozilla", "Googlebot/2.1", "").get(random.nextInt(3));
        rows.add(
            row(
                new Click("c" + i, at + after, recipient, message, null, null, agent, null),
                10L * i + 1,
                at + after));
      }
      if (random.nextInt(20) == 0) {
        rows.add(row(new Reply("p" + i, at + HOUR, recipient, message, "nice"), 10L * i + 2, at));
        rows.add(
            row(
                new Conversion(
                    "v" + i, at + 2 * HOUR, recipient, "o" + i, ConversionKind.PURCHASE, 5, null),
                10L * i + 3,
                at));
      }
    }
    return rows;
  }

  private static Event moved(Event event, long by) {
    long at = event.eventTime() + by;
    if (event instanceof Send send) {
      return send(send.eventId(), at, send.recipientId(), send.messageId());
    }
    if (event instanceof Click c) {
      return new Click(
          c.eventId(), at, c.recipientId(), c.messageId(), null, null, c.userAgent(), null);
    }
    if (event instanceof Reply reply) {
      return new Reply(reply.eventId(), at, reply.recipientId(), reply.messageId(), reply.body());
    }
    Conversion c = (Conversion) event;
    return new Conversion(
        c.eventId(), at, c.recipientId(), c.conversionId(), c.kind(), c.revenueMicros(), null);
  }

  private static String id(Row row) {
    EventPlaces.Identity id = EventPlaces.Identity.of(row);
    return id.eventType() + "|" + id.eventId();
  }

  private static Row row(Object content, long offset, long appendTime) {
    return new Row(content, "sms.x", 0, offset, appendTime, false, null);
  }

  private static Send send(String id, long at, String recipient, String message) {
    return send(id, at, recipient, message, "list" + recipient.hashCode() % 3);
  }

  private static Send send(String id, long at, String recipient, String message, String list) {
    return new Send(
        id,
        at,
        recipient,
        message,
        "campaign" + message.hashCode() % 3,
        list,
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "att",
        "US-NY",
        "America/New_York",
        1,
        7_900,
        null,
        List.of());
  }

  private static Row credit(long seq, int conversion, int touch) {
    return row(
        new AttributionCreditRow(
            AttributionCreditRow.TABLE,
            seq,
            "linear",
            "o" + conversion,
            ConversionKind.PURCHASE,
            "r" + conversion,
            touch,
            "sms",
            "campaign" + (seq + touch) % 3,
            null,
            null,
            NOW - conversion * HOUR / 4,
            BigDecimal.valueOf((seq + touch) % 4, 2),
            100 * ((seq + touch) % 4)),
        seq,
        NOW);
  }

  private static Row suppression(
      String recipient, String scope, SuppressionState state, long at, long seq) {
    SuppressionDecision decision =
        new SuppressionDecision(
            "d" + seq,
            at,
            at,
            List.of(ReasonCode.OPTED_OUT),
            seq,
            null,
            recipient,
            scope,
            state,
            "KEYWORD",
            at,
            null);
    String json = "{\"scope\":\"%s\",\"method\":\"KEYWORD\"}".formatted(scope);
    return new Row(decision, "sms.decision.suppression", 0, seq, NOW, false, json);
  }

  private static Row suppression(int number, long offset) {
    SuppressionDecision decision =
        new SuppressionDecision(
            "d" + number,
            NOW - number * HOUR / 3,
            NOW,
            List.of(ReasonCode.OPTED_OUT),
            offset,
            null,
            "r" + number % 100,
            "*",
            number % 2 == 0 ? SuppressionState.SUPPRESSED : SuppressionState.ALLOWED,
            "KEYWORD",
            NOW,
            null);
    return new Row(
        decision,
        "sms.decision.suppression",
        0,
        offset,
        NOW,
        false,
        "{\"scope\":\"*\",\"method\":\"KEYWORD\"}");
  }

  private static String at(long millis) {
    return "fromUnixTimestamp64Milli(" + millis + ", 'UTC')";
  }

  /** One database with the schema. */
  private static final class Warehouse implements AutoCloseable {
    private final Database database;
    private final DatabaseStore store;

    Warehouse(String name, String... options) throws SQLException {
      DATABASES.add(name);
      List<String> args =
          new ArrayList<>(
              List.of("--clickhouse-url", stack.endpoints().clickHouseUrl(), "--database", name));
      args.addAll(List.of(options));
      database = new Database(JobOptions.fromArgs(args.toArray(String[]::new)));
      store = new DatabaseStore(database);
      store.prepare();
    }

    void insert(List<Row> rows) throws SQLException {
      store.insert(Table.EVENTS, rows);
    }

    Callable<Void> inserting(List<Row> rows) {
      return () -> {
        insert(rows);
        return null;
      };
    }

    /** Refreshes all rollups; returns the refreshable views. */
    List<String> refreshAll() throws SQLException {
      List<String> views =
          query(
              "SELECT view FROM system.view_refreshes WHERE database = currentDatabase() ORDER BY view");
      for (String view : views) {
        query("SYSTEM REFRESH VIEW " + view);
        query("SYSTEM WAIT VIEW " + view);
      }
      return views;
    }

    /** By the last refresh. */
    long rowsRead(String view) throws SQLException {
      return Long.parseLong(
          query(
                  "SELECT read_rows FROM system.view_refreshes"
                      + " WHERE database = currentDatabase() AND view = '%s'".formatted(view))
              .get(0));
    }

    void assertRollups() throws SQLException {
      refreshAll();
      for (Map.Entry<String, String> rollup : DEFINITIONS.entrySet()) {
        assertThat(query("SELECT * FROM " + rollup.getKey() + " ORDER BY ALL"))
            .as(rollup.getKey())
            .isEqualTo(query(rollup.getValue()));
      }
    }

    List<String> query(String sql) throws SQLException {
      List<String> rows = new ArrayList<>();
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        if (statement.execute(sql)) {
          ResultSet result = statement.getResultSet();
          int columns = result.getMetaData().getColumnCount();
          while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
              row.add(result.getString(i));
            }
            rows.add(String.join("|", row));
          }
        }
      }
      return rows;
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
