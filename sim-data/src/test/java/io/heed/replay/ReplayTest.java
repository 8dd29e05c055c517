package io.heed.replay;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.heed.core.config.ConfigException;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Touch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final ReplayOptions ALL = ReplayOptions.at(NOW);

  private static final String SALES =
      """
      name: sales
      values:
        kind: { of: "{type}", map: { sale: PURCHASE, back: REFUND } }
      group: shop
      journeys:
        - recipient: "{customer}"
          times:
            sold: { column: "{at}" }
          events:
            - topic: sms.conversion
              at: sold
              fields:
                conversion_id: "{shop}-{row}"
                kind: "{kind}"
                revenue_micros: { micros: "{cents}", unit: 0.01 }
      """;

  private static final String SALES_CSV =
      """
      customer,shop,type,cents,at
      ann,north,sale,1999,2026-05-01T10:00:00Z
      bob,south,back,250,2026-05-01 09:00:00
      "cat ""c""
      of two lines",west,sale,0,2026-04-30
      ann,north,sale,1999,2026-05-01T10:00:00Z
      """;

  private static final String COUNTS =
      """
      name: counts
      base: 2026-03-01T00:00:00Z
      journeys:
        - recipient: "{row}-{n}"
          count: "{sent}"
          draw: { hit: "{clicks}" }
          times:
            sent_at: { after: base, uniform: 7d }
            clicked_at: { after: sent_at, exponential: 1h, within: 1d }
            bought_at: { after: clicked_at, plus: 5m }
          events:
            - topic: sms.send
              at: sent_at
              fields:
                message_id: "{row}-{n}"
                campaign_id: "{arm}"
                list_id: all
                category: PROMOTIONAL
                tags: [test, "{arm}"]
            - topic: sms.click
              when: { hit: true }
              at: clicked_at
              fields: { message_id: "{row}-{n}" }
            - topic: sms.conversion
              at: bought_at
              fields:
                conversion_id: "{row}-{n}"
                kind: PURCHASE
                revenue_micros: { micros: "{value}", round: true, split: true }
      """;

  @TempDir Path directory;

  @Test
  void rowsBecomeEventsInOrderOfTime() throws Exception {
    List<Event> events = replay(SALES, SALES_CSV, ALL);

    assertThat(events)
        .extracting(
            Event::recipientId,
            event -> Instant.ofEpochMilli(event.eventTime()).toString(),
            event -> ((Conversion) event).kind().name(),
            event -> ((Conversion) event).revenueMicros())
        .containsExactly(
            row("cat \"c\"\nof two lines", "2026-04-30T00:00:00Z", "PURCHASE", 0L),
            row("bob", "2026-05-01T09:00:00Z", "REFUND", 2_500_000L),
            row("ann", "2026-05-01T10:00:00Z", "PURCHASE", 19_990_000L),
            row("ann", "2026-05-01T10:00:00Z", "PURCHASE", 19_990_000L));
    assertThat(events).extracting(Event::eventId).doesNotHaveDuplicates();
  }

  private static Tuple row(Object... cells) {
    return tuple(cells);
  }

  /** Ids are for ever: what is fed again next year must count once. */
  @Test
  void idsAndInventedTimesStayWhatTheyWere() throws Exception {
    List<Event> events = replay(COUNTS, "arm,sent,clicks,value\nred,2,1,1\n", ALL);

    assertThat(events)
        .extracting(event -> event.eventId() + " " + Instant.ofEpochMilli(event.eventTime()))
        .containsExactly(
            "counts-35961c744f41f59a5662-1-send 2026-03-01T22:32:56.907Z",
            "counts-35961c744f41f59a5662-1-click 2026-03-02T00:15:24.161Z",
            "counts-35961c744f41f59a5662-1-conversion 2026-03-02T00:20:24.161Z",
            "counts-35961c744f41f59a5662-2-send 2026-03-03T18:12:01.339Z",
            "counts-35961c744f41f59a5662-2-conversion 2026-03-03T19:48:09.491Z");
  }

  @Test
  void theSameRowsAreTheSameWhateverTheFormOfTheFile() throws Exception {
    List<Event> expected = replay(SALES, SALES_CSV, ALL);
    String reordered =
        """
        at,cents,type,shop,customer
        2026-05-01T10:00:00Z,1999,sale,north,ann
        2026-05-01T10:00:00Z,1999,sale,north,ann
        2026-04-30,0,sale,west,"cat ""c""
        of two lines"
        2026-05-01 09:00:00,250,back,south,bob
        """;
    String json =
        """
        {"customer":"ann","shop":"north","type":"sale","cents":1999,"at":"2026-05-01T10:00:00Z"}
        {"customer":"bob","shop":"south","type":"back","cents":250,"at":"2026-05-01 09:00:00"}

        {"shop":"west","customer":"cat \\"c\\"\\nof two lines","type":"sale","cents":0,"at":"2026-04-30","x":null}
        {"customer":"ann","shop":"north","type":"sale","cents":1999,"at":"2026-05-01T10:00:00Z"}
        """;

    assertThat(replay(SALES, reordered, ALL)).isEqualTo(expected);
    assertThat(replay(SALES, "\ufeff" + reordered.replace("\n2", "\r\n2"), ALL))
        .isEqualTo(expected);
    assertThat(replay(SALES, json, ALL)).isEqualTo(expected);
    assertThat(replay(SALES, gzip(json), ALL)).isEqualTo(expected);
    assertThat(
            replay(
                SALES.replace("group:", "delimiter: ;\ngroup:"), SALES_CSV.replace(',', ';'), ALL))
        .isEqualTo(expected);
  }

  @Property(tries = 60)
  void orderOfTheRowsAndMemoryChangeNothing(
      @ForAll @Size(max = 12) List<@IntRange(max = 3) Integer> arms,
      @ForAll Random random,
      @ForAll @IntRange(max = 2_000) int sortBytes)
      throws Exception {
    directory = Files.createTempDirectory("replay-test");
    List<String> rows = new ArrayList<>();
    arms.forEach(arm -> rows.add("arm-%d,%d,%d,%d.5".formatted(arm, 3 + arm, arm, arm)));
    String header = "arm,sent,clicks,value\n";
    List<Event> expected = replay(COUNTS, header + String.join("\n", rows), ALL);
    Collections.shuffle(rows, random);

    List<Event> shuffled =
        replay(COUNTS, header + String.join("\n", rows), ALL.withSortBytes(sortBytes));

    assertThat(shuffled).isEqualTo(expected).isSortedAccordingTo(JourneyEvents.ORDER);
    assertThat(shuffled).extracting(Event::eventId).doesNotHaveDuplicates();
    Files.delete(directory);
  }

  @Test
  void countsBecomeSoManyEvents() throws Exception {
    List<Event> events =
        replay(COUNTS, "arm,sent,clicks,value\nred,500,37,10.0000004\nblue,250,250,0\n", ALL);

    Map<String, List<Send>> sends =
        events.stream()
            .filter(Send.class::isInstance)
            .map(Send.class::cast)
            .collect(groupingBy(Send::campaignId));
    assertThat(sends.get("red")).hasSize(500);
    assertThat(sends.get("blue")).hasSize(250);
    assertThat(sends.get("red").get(0).tags()).containsExactly("test", "red");
    List<Click> clicks = of(Click.class, events);
    assertThat(clicks).hasSize(287).extracting(Click::messageId).doesNotHaveDuplicates();
    assertThat(sends.get("red").stream().map(Send::messageId).toList())
        .containsAll(
            clicks.stream()
                .map(Click::messageId)
                .filter(id -> sends.get("blue").stream().noneMatch(s -> s.messageId().equals(id)))
                .toList());
    // 10 whole and 0 over 500, then nothing over 250: every share is one of two adjacent values.
    List<Conversion> conversions = of(Conversion.class, events);
    assertThat(conversions.stream().mapToLong(Conversion::revenueMicros).sum())
        .isEqualTo(10_000_000);
    // Mixed at random: half the time has passed when about half of each arm has been sent.
    long middle = Instant.parse("2026-03-04T12:00:00Z").toEpochMilli();
    assertThat(sends.get("red").stream().filter(s -> s.eventTime() < middle).count())
        .isBetween(200L, 300L);
    assertThat(sends.get("blue").stream().filter(s -> s.eventTime() < middle).count())
        .isBetween(95L, 155L);
  }

  @Test
  void moneyIsSplitToTheMicro() throws Exception {
    List<Event> events = replay(COUNTS, "arm,sent,clicks,value\nred,3,0,0.000011\n", ALL);

    assertThat(of(Conversion.class, events))
        .extracting(Conversion::revenueMicros)
        .containsExactlyInAnyOrder(4L, 4L, 3L);
  }

  @Test
  void pathsBecomeTouches() throws Exception {
    String mapping =
        """
        name: paths
        base: 2026-03-01T00:00:00Z
        journeys:
          - recipient: "{row}"
            times: { first: { after: base } }
            events:
              - topic: sms.touch
                at: first
                each: { of: "{path}", by: ">", every: 1m }
                fields: { channel: "{step}", campaign_id: "step-{i}", action: CLICK }
        """;

    assertThat(of(Touch.class, replay(mapping, "path\n\"a > b > a\"\n", ALL)))
        .extracting(Touch::channel, Touch::campaignId, Event::eventTime)
        .containsExactly(
            row("a", "step-0", 1_772_323_200_000L),
            row("b", "step-1", 1_772_323_260_000L),
            row("a", "step-2", 1_772_323_320_000L));
    assertThat(errors(mapping, "path\na > > b\nA > b\n"))
        .containsExactly(
            "row 1: column path: a step is empty (allowed: 1 to 10000 steps with '>' between them)",
            "row 2: column step: channel: 'A' (allowed: [a-z][a-z0-9_-]*)");
  }

  @Test
  void anEventHappensWhenAllItsConditionsHold() throws Exception {
    String conditional =
        SALES.replace(
            "    - topic: sms.conversion",
            "    - topic: sms.conversion\n        when: { shop: [north, west], type: { not: back },"
                + " customer: { present: true } }");
    String csv =
        """
        customer,shop,type,cents,at
        ann,north,sale,1,2026-05-01
        bob,south,sale,1,2026-05-01
        cat,west,back,1,2026-05-01
        ,west,sale,1,
        """;

    assertThat(replay(conditional, csv, ALL)).extracting(Event::recipientId).containsExactly("ann");
  }

  @Test
  void rowsAndGroupsAreSelectedByValue() throws Exception {
    assertThat(replay(SALES, SALES_CSV, ALL.withWhere(Map.of("shop", Set.of("west", "south")))))
        .hasSize(2);
    assertThat(
            replay(
                SALES,
                SALES_CSV,
                ALL.withWhere(Map.of("shop", Set.of("north"), "customer", Set.of("bob")))))
        .isEmpty();
    assertThat(replay(SALES, SALES_CSV, ALL.withGroups(2)))
        .extracting(Event::recipientId)
        .containsExactly("bob", "ann", "ann");
    assertThatThrownBy(() -> replay(SALES, SALES_CSV, ALL.withWhere(Map.of("shp", Set.of("west")))))
        .hasMessageEndingWith("has no column shp (allowed: customer, shop, type, cents, at)");
  }

  @Test
  void brokenRowsAreReportedByRowAndColumn() throws Exception {
    String csv =
        """
        customer,shop,type,cents,at
        ann,north,sale,1999,2026-05-01
        ann,north,gift,1999,2026-05-01
        ann,north,sale,1.99999,2026-05-01
        ann,north,sale,many,2026-05-01
        ann,north,sale,-5,2026-05-01
        ann,north,sale,1e999999999,2026-05-01
        ,north,sale,1,2026-05-01
        ann,north,sale,1,1.5.2026
        ann,north,sale,1,
        ann,north,sale,1,1999-12-31
        ann,north,sale,1,2026-06-02
        ann,north,sale,1
        """;

    assertThat(errors(SALES, csv))
        .containsExactly(
            "row 2: column type: 'gift' is not in the map (allowed: back, sale)",
            "row 3: column cents: '1.99999' is no whole number of micros (allowed: an amount with at"
                + " most 6 decimal places, times 0.01)",
            "row 4: column cents: 'many' is not a number (allowed: a decimal number such as 29.99)",
            "row 5: column cents: revenue_micros: '-50000' (allowed: a whole number from 0 to"
                + " 9223372036854775807)",
            "row 6: column cents: '1e999999999' is not a number (allowed: a decimal number such as"
                + " 29.99)",
            "row 7: column customer: recipient is required, but empty (allowed: an id)",
            "row 8: column at: '1.5.2026' (allowed: 2026-03-01T09:00:00Z or 2026-03-01)",
            "row 9: column at: empty (allowed: 2026-03-01T09:00:00Z or 2026-03-01)",
            "row 10: column at: conversion may happen at 1999-12-31T00:00:00Z (allowed:"
                + " 2000-01-01T00:00:00Z to 2026-06-01T00:00:00Z)",
            "row 11: column at: conversion may happen at 2026-06-02T00:00:00Z (allowed:"
                + " 2000-01-01T00:00:00Z to 2026-06-01T00:00:00Z)",
            "row 12: 4 cells (allowed: 5 cells)");
  }

  @Test
  void filesThatCannotBeReadAreRefusedInOneLine() throws Exception {
    assertThatThrownBy(() -> replay(SALES, "", ALL))
        .hasMessageEndingWith(": empty (allowed: a header and rows)");
    assertThatThrownBy(() -> replay(SALES, "a,b,a\n", ALL))
        .hasMessageEndingWith("the header names a column twice: [a, b, a]");
    assertThatThrownBy(() -> replay(SALES, "customer,shop,type,cents\n", ALL))
        .hasMessageStartingWith("mapping.yaml:8: journeys[0].times.sold.column: no column 'at' in ")
        .hasMessageEndingWith("(allowed: customer, shop, type, cents)");
    assertThatThrownBy(() -> replay(SALES, SALES_CSV + "\"ann,north\n", ALL))
        .isInstanceOf(ReplayException.class)
        .hasMessageContaining("row 5: not CSV: ");
    assertThatThrownBy(
            () -> replay(SALES, "customer,\u00e4".getBytes(StandardCharsets.ISO_8859_1), ALL))
        .hasMessageEndingWith(": not text in UTF-8");
    byte[] gzipped = gzip(SALES_CSV);
    assertThatThrownBy(() -> replay(SALES, Arrays.copyOf(gzipped, gzipped.length / 2), ALL))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> replay(COUNTS, "arm,sent,clicks,value\n", ALL.withGroups(1)))
        .hasMessage("mapping counts names no column of groups");
    assertThatThrownBy(() -> replay(SALES, SALES_CSV, ALL.withBase(NOW)))
        .hasMessage("the times of mapping sales count from no base");
  }

  @Test
  void countsAreChecked() throws Exception {
    assertThat(
            errors(
                COUNTS, "arm,sent,clicks,value\nred,3,4,0\nred,-1,0,0\nred,2.5,0,0\nred,2,1,x\n"))
        .containsExactly(
            "row 1: column clicks: '4' (allowed: a whole number from 0 to 3)",
            "row 2: column sent: '-1' (allowed: a whole number from 0 to 1000000000)",
            "row 3: column sent: '2.5' (allowed: a whole number from 0 to 1000000000)",
            "row 4: column value: 'x' is not a number (allowed: a decimal number such as 29.99)");
  }

  @Test
  void brokenLinesOfJsonAreReported() throws Exception {
    assertThat(errors(SALES, "{\"customer\":\n[1]\n{} {}\n"))
        .containsExactly(
            "row 1: not JSON: Unexpected end-of-input within/between Object entries (allowed: an"
                + " object)",
            "row 2: not JSON: no object (allowed: an object)",
            "row 3: not JSON: text follows the object (allowed: an object)");
  }

  @Test
  void anotherBaseMovesAllInventedTimes() throws Exception {
    String csv = "arm,sent,clicks,value\nred,20,5,1\n";
    List<Event> events = replay(COUNTS, csv, ALL);
    List<Event> moved = replay(COUNTS, csv, ALL.withBase(Instant.parse("2026-03-11T00:00:00Z")));

    assertThat(moved)
        .extracting(Event::eventTime)
        .isEqualTo(
            events.stream().map(event -> event.eventTime() + 10 * 86_400_000L).collect(toList()));
  }

  @Test
  void columnsGiveInstantsInManyForms() throws Exception {
    assertThat(sold("epoch-seconds", "1767225600.5")).isEqualTo("2026-01-01T00:00:00.500Z");
    assertThat(sold("epoch-millis", "1767225600123")).isEqualTo("2026-01-01T00:00:00.123Z");
    assertThat(sold("dd/MM/yyyy HH:mm, zone: Europe/Berlin", "31/01/2026 12:00"))
        .isEqualTo("2026-01-31T11:00:00Z");
    // As date +%Y%U says: week 0 ends with the first Saturday.
    assertThat(sold("year-week", "201446")).isEqualTo("2014-11-16T00:00:00Z");
    assertThat(sold("year-week", "201400")).isEqualTo("2013-12-29T00:00:00Z");
  }

  @Test
  void zonesInCellsCount() throws Exception {
    assertThat(sold("yyyy-MM-dd HH:mm:ss z", "2026-01-20 10:00:00 EST"))
        .isEqualTo("2026-01-20T15:00:00Z");
    assertThat(sold("yyyy-MM-dd HH:mm:ss z", "2026-01-20 10:00:00 CST"))
        .isEqualTo("2026-01-20T16:00:00Z");
    assertThat(sold("yyyy-MM-dd HH:mm:ss VV", "2026-01-20 10:00:00 America/New_York"))
        .isEqualTo("2026-01-20T15:00:00Z");
    assertThat(sold("MM/dd/yyyy hh:mm a z", "01/20/2026 10:00 pm PST"))
        .isEqualTo("2026-01-21T06:00:00Z");
    assertThat(sold("EEE d MMM yyyy HH:mm:ss Z", "Tue 20 Jan 2026 10:00:00 +0100"))
        .isEqualTo("2026-01-20T09:00:00Z");
  }

  @ParameterizedTest
  @CsvSource({
    "iso, 2026-02-30",
    "iso, 2026-02-29T10:00:00Z",
    "dd/MM/yyyy HH:mm, 31/02/2026 10:00",
    "dd/MM/yyyy HH:mm, 01/03/2026 24:30",
    "MM/dd/yyyy hh:mm a, 01/20/2026 13:00 PM",
    "MM/dd/yyyy hh:mm a, 01/20/2026 10:00",
  })
  void timesThatDoNotExistAreReportedByRowAndColumn(String format, String at) throws Exception {
    assertThat(errors(timed(format), "customer,at\nann,\"" + at + "\"\n"))
        .singleElement()
        .asString()
        .contains("row 1", "at", at);
  }

  @Test
  void hoursToTwelveNeedTheirHalfOfTheDay() {
    assertThatThrownBy(() -> sold("MM/dd/yyyy hh:mm", "11/20/2026 10:00"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("without AM or PM");
  }

  @Test
  void amountsWithSignsAndSeparatorsAreMapped() throws Exception {
    String mapping =
        SALES.replace(
            "{ micros: \"{cents}\", unit: 0.01 }",
            "{ micros: \"{cents}\", strip: \"$€,\", negate: true }");
    String file = SALES_CSV.lines().findFirst().orElseThrow() + "\n";
    String rest = ",north,sale,\"%s\",2026-05-01T10:00:00Z\n";
    assertThat(
            replay(
                mapping,
                file
                    + "a"
                    + rest.formatted("-$1,234.50")
                    + "b"
                    + rest.formatted("-0.0079")
                    + "c"
                    + rest.formatted("-€ 2"),
                ALL))
        .extracting(e -> ((Conversion) e).revenueMicros())
        .containsExactlyInAnyOrder(1_234_500_000L, 7_900L, 2_000_000L);
    assertThat(errors(SALES, file + "a" + rest.formatted("$5"))).hasSize(1);
  }

  @Test
  void numbersThatASpreadsheetHasRoundedAreRefusedWithAHint() throws Exception {
    assertThat(errors(timed("iso"), "customer,at\n1.21256E+10,2026-05-01\n"))
        .singleElement()
        .asString()
        .contains("row 1", "customer", "1.21256E+10", "spreadsheet", "column to text");
    assertThat(errors(timed("iso"), "customer,at\n12125550103,2026-05-01\n")).isEmpty();
  }

  @Test
  void columnsWithoutANameAreLeftOut() throws Exception {
    assertThat(replay(timed("iso"), "customer,at,,\nann,2026-05-01,,\n", ALL)).hasSize(1);
  }

  @Test
  void aFooterIsOneBrokenRowOfAll() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("footer.csv"), "customer,at\nann,2026-05-01\nTotal: 1 rows\n");
    Path mapping = Files.writeString(directory.resolve("footer.yaml"), timed("iso"));
    try (Replay replay = Replay.open(file, MappingReader.read(mapping), ALL)) {
      assertThat(replay.rows()).isEqualTo(2);
      assertThat(replay.brokenRows()).isEqualTo(1);
    }
  }

  private static final String TWILIO_LOG =
      """
      From,To,Body,Status,SentDate,NumSegments,ErrorCode,Sid,Direction,Price
      +12125550100,+12125550101,"Sale, today",delivered,2026-05-01T10:00:00Z,2,,SM1,outbound-api,-0.0158
      +12125550100,+12125550102,Sale,undelivered,2026-05-01T10:00:01Z,1,30006,SM2,outbound-api,-0.0079
      +12125550101,+12125550100,STOP,received,2026-05-01T10:05:00Z,1,,SM3,inbound,-0.0079
      """;

  private static final String TWILIO_BULK_EXPORT =
      """
      {"from": "+12125550100", "to": "+12125550101", "body": "Sale", "status": "delivered", \
      "date_sent": "2026-05-01T10:00:00Z", "num_segments": 2, "error_code": null, "sid": "SM1", \
      "direction": "outbound-api", "price": "-0.0158"}
      {"from": "+12125550100", "to": "+12125550102", "body": "Sale", "status": "undelivered", \
      "date_sent": "2026-05-01T10:00:01Z", "num_segments": 1, "error_code": 30006, "sid": "SM2", \
      "direction": "outbound-api", "price": -0.0079}
      {"from": "+12125550101", "to": "+12125550100", "body": "STOP", "status": "received", \
      "date_sent": "2026-05-01T10:05:00Z", "num_segments": 1, "error_code": null, "sid": "SM3", \
      "direction": "inbound", "price": null}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"twilio", "twilio_bulk"})
  void readsTheMessagesOfTwilio(String mapping) throws Exception {
    String file = mapping.equals("twilio") ? TWILIO_LOG : TWILIO_BULK_EXPORT;
    List<Event> events = bundled(mapping, file);
    assertThat(of(Send.class, events))
        .extracting(Send::recipientId, Send::segments, Send::costMicros)
        .containsExactly(tuple("+12125550101", 2, 15_800L), tuple("+12125550102", 1, 7_900L));
    assertThat(of(Delivery.class, events))
        .extracting(Delivery::status, Delivery::errorCode, Delivery::vendor)
        .containsExactly(
            tuple(DeliveryStatus.DELIVERED, null, "twilio"),
            tuple(DeliveryStatus.UNDELIVERED, "30006", "twilio"));
    assertThat(of(Reply.class, events))
        .extracting(Reply::recipientId, Reply::body)
        .containsExactly(tuple("+12125550101", "STOP"));
  }

  private static final String KLAVIYO_EVENTS =
      """
      {"id":"k1","datetime":"2026-05-01T10:00:00+00:00","metric":"Received SMS","phone_number":"+12125550101","message":"M1"}
      {"id":"k2","datetime":"2026-05-01T10:00:02+00:00","metric":"Failed to Deliver SMS","phone_number":"+12125550102","message":"M1"}
      {"id":"k3","datetime":"2026-05-01T10:03:00+00:00","metric":"Clicked SMS","phone_number":"+12125550101","message":"M1","url":"https://example.com"}
      {"id":"k4","datetime":"2026-05-01T10:04:00+00:00","metric":"Sent SMS","phone_number":"+12125550101","message":null,"body":"love it"}
      {"id":"k5","datetime":"2026-05-01T09:00:00+00:00","metric":"Consented to Receive SMS","phone_number":"+12125550101"}
      {"id":"k6","datetime":"2026-05-01T10:05:00+00:00","metric":"Unsubscribed from SMS","phone_number":"+12125550101"}
      {"id":"k7","datetime":"2026-05-01T10:06:00+00:00","metric":"Opened Email","phone_number":null}
      """;

  private static final String ATTENTIVE_FEED =
      """
      timestamp,type,phone,message_id,message_name,join_source,subscription_type
      2026-05-01T09:00:00Z,SUBSCRIPTION_OPT_IN_COMPLETED,+12125550101,,,CODE,
      2026-05-01T10:00:00Z,MESSAGE_RECEIPT,+12125550101,77,Spring,,
      2026-05-01T10:03:00Z,MESSAGE_LINK_CLICK,+12125550101,77,Spring,,
      2026-05-01T10:04:00Z,OPT_OUT,+12125550102,,,,TRANSACTIONAL
      2026-05-01T10:05:00Z,SUBSCRIPTION_OPTED_OUT,+12125550101,,,,MARKETING
      2026-05-01T10:06:00Z,IMPRESSION,,,,,
      """;

  private static final String POSTSCRIPT_SUBSCRIBERS =
      """
      {"phone_number":"+12125550101","opted_in_at":"2026-05-01T09:00:00Z","opted_out_at":"2026-05-01T10:05:00Z","source":"Keyword (SALE)"}
      {"phone_number":"+12125550102","opted_in_at":"2026-05-01T09:00:00Z","opted_out_at":null,"source":"Shopify Checkout"}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"klaviyo", "attentive"})
  void readsTheEventsOfMarketingPlatforms(String mapping) throws Exception {
    boolean klaviyo = mapping.equals("klaviyo");
    List<Event> events = bundled(mapping, klaviyo ? KLAVIYO_EVENTS : ATTENTIVE_FEED);
    Send send = of(Send.class, events).get(0);
    assertThat(send.recipientId()).isEqualTo("+12125550101");
    assertThat(send.listId()).isEqualTo(mapping);
    assertThat(of(Click.class, events))
        .singleElement()
        .satisfies(click -> assertThat(click.messageId()).isEqualTo(send.messageId()));
    assertThat(of(Delivery.class, events))
        .extracting(Delivery::status)
        .containsExactlyElementsOf(
            klaviyo
                ? List.of(DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
                : List.of(DeliveryStatus.DELIVERED));
    assertThat(of(Send.class, events)).extracting(Send::messageId).doesNotHaveDuplicates();
    assertThat(of(Reply.class, events)).hasSize(klaviyo ? 1 : 0);
    assertConsent(events, mapping, 1);
  }

  @Test
  void readsTheSubscribersOfPostscript() throws Exception {
    List<Event> events = bundled("postscript", POSTSCRIPT_SUBSCRIBERS);
    assertThat(events).hasSize(3);
    assertConsent(events, "postscript", 2);
  }

  /** The person +12125550101 opted in at nine and out an hour and five minutes later. */
  private static void assertConsent(List<Event> events, String scope, int optIns) {
    assertThat(of(OptIn.class, events))
        .hasSize(optIns)
        .allMatch(in -> in.scope().equals(scope) && in.method() == OptInMethod.IMPORT)
        .allMatch(in -> in.evidence().startsWith(scope));
    assertThat(of(OptOut.class, events))
        .singleElement()
        .satisfies(out -> assertThat(out.recipientId()).isEqualTo("+12125550101"))
        .satisfies(out -> assertThat(out.scope()).isEqualTo(scope))
        .satisfies(out -> assertThat(out.method()).isEqualTo(OptOutMethod.KEYWORD))
        .extracting(out -> Instant.ofEpochMilli(out.eventTime()).toString())
        .isEqualTo("2026-05-01T10:05:00Z");
  }

  private List<Event> bundled(String mapping, String file) throws Exception {
    Path path = Files.writeString(directory.resolve("export"), file);
    List<Event> events = new ArrayList<>();
    try (Replay replay = Replay.open(path, MappingReader.bundled(mapping), ALL)) {
      assertThat(replay.errors()).isEmpty();
      replay.forEach(events::add);
    }
    return events;
  }

  private static String timed(String format) {
    return """
        name: timed
        journeys:
          - recipient: "{customer}"
            times:
              at: { column: "{at}", format: "%s" }
            events:
              - topic: sms.reply
                at: at
                fields: { body: STOP }
        """
        .formatted(format);
  }

  private String sold(String format, String at) throws Exception {
    List<Event> events =
        replay(
            SALES.replace("\"{at}\" }", "\"{at}\", format: " + format + " }"),
            "customer,shop,type,cents,at\nann,north,sale,1,%s\n".formatted(at),
            ALL);
    return Instant.ofEpochMilli(events.get(0).eventTime()).toString();
  }

  private List<Event> replay(String mapping, String file, ReplayOptions options) throws Exception {
    return replay(mapping, file.getBytes(StandardCharsets.UTF_8), options);
  }

  private List<Event> replay(String mapping, byte[] file, ReplayOptions options) throws Exception {
    Path path = Files.write(directory.resolve("export"), file);
    List<Event> events = new ArrayList<>();
    try (Replay replay = Replay.open(path, MappingReader.read("mapping.yaml", mapping), options)) {
      assertThat(replay.errors()).isEmpty();
      replay.forEach(events::add);
      assertThat(events).allMatch(event -> event.eventTime() <= replay.latest());
    } finally {
      Files.delete(path);
    }
    return events;
  }

  private List<String> errors(String mapping, String file) throws Exception {
    Path path = Files.writeString(directory.resolve("export"), file);
    try (Replay replay = Replay.open(path, MappingReader.read("mapping.yaml", mapping), ALL)) {
      return replay.errors().stream()
          .map(error -> error.toString().substring(path.toString().length() + 2))
          .toList();
    }
  }

  private static <T> List<T> of(Class<T> type, List<Event> events) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
