package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.config.ConfigException;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.replay.MappingReader;
import io.heed.replay.Replay;
import io.heed.replay.ReplayOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Field cases that {@code heed replay} answers: cells of exports, and whole files. */
final class ReplayCases {
  private static final ReplayOptions OPTIONS =
      ReplayOptions.at(Instant.parse("2026-11-30T00:00:00Z"));

  private static final String MAPPING =
      """
      name: log
      journeys:
        - recipient: "{To}"
          times:
            sent: { column: "{SentDate}", format: "%s" }
          events:
            - topic: sms.send
              at: sent
              fields:
                message_id: "{Sid}"
                campaign_id: c
                list_id: l
                category: PROMOTIONAL
                cost_micros: { micros: "{Price}"%s }
            - topic: sms.reply
              when: { Body: { present: true } }
              at: sent
              fields: { body: "{Body}" }
      """;

  private static final String HEADER = "Sid,To,SentDate,Price,Body";

  /** What came of a file. */
  private record Outcome(long rows, List<String> errors, List<Event> events) {
    Send send() {
      assertThat(errors).isEmpty();
      return (Send) events.get(0);
    }
  }

  private ReplayCases() {}

  /** The checks by kind of case. */
  static Map<String, FieldCheck> checks() {
    Map<String, FieldCheck> checks = new HashMap<>();
    checks.put("zone in the cell is ignored", ReplayCases::instant);
    checks.put("time of day is lost", ReplayCases::refusedTime);
    checks.put("dates that do not exist", ReplayCases::refusedTime);
    checks.put("instant in a cell", ReplayCases::instant);
    checks.put("Twilio's own prices", ReplayCases::negatedPrice);
    checks.put("amounts with symbol or thousands", ReplayCases::amounts);
    checks.put("amount in a cell", ReplayCases::amount);
    checks.put("count in the message", ReplayCases::footer);
    checks.put("trailing empty header cells", ReplayCases::emptyHeaders);
    checks.put("numbers spoilt by a spreadsheet", ReplayCases::numbers);
    checks.put("recipient in a cell", ReplayCases::recipient);
    checks.put("CSV", ReplayCases::csv);
    return checks;
  }

  // Times.

  private static void instant(JsonNode input, String expected) throws Exception {
    String format = input.path("format").asText();
    if (expected.equals("refused")) {
      refusedTime(input, expected);
      return;
    }
    Outcome outcome = times(format, input.path("cell").asText());
    String instant = Instant.ofEpochMilli(outcome.send().eventTime()).toString();
    // The file gives several cells' expectation at once, of times on one day.
    String wanted = expected.contains(" / ") ? "2026-11-20T15:00:00Z" : expected;
    assertThat(instant).isEqualTo(wanted);
  }

  private static void refusedTime(JsonNode input, String expected) {
    for (String format : input.path("format").asText().split(" or ", -1)) {
      for (String cell : input.path("cell").asText().split("; ", -1)) {
        try {
          Outcome outcome = times(format, cell);
          assertThat(outcome.errors())
              .as("%s as %s: %s", cell, format, expected)
              .singleElement()
              .asString()
              .contains("row 1", "SentDate");
        } catch (ConfigException e) {
          assertThat(e).hasMessageContaining("format");
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private static Outcome times(String format, String cell) throws Exception {
    return replay(MAPPING.formatted(format, ""), HEADER + "\nm1,p,\"" + cell + "\",0,\n");
  }

  // Amounts.

  private static void negatedPrice(JsonNode input, String expected) throws Exception {
    assertThat(expected).isEqualTo("can be mapped");
    assertThat(amount(input.path("cell").asText(), ", negate: true").send().costMicros())
        .isEqualTo(7_900);
    assertThat(amount(input.path("cell").asText(), "").errors()).hasSize(1);
  }

  private static void amounts(JsonNode input, String expected) throws Exception {
    for (String cell : input.path("micros").asText().split(" or ", -1)) {
      assertThat(amount(cell, "").errors()).as(expected).hasSize(1);
      long micros = cell.startsWith("$") ? 7_900 : 1_234_500_000;
      assertThat(amount(cell, ", strip: \"$,\"").send().costMicros()).isEqualTo(micros);
    }
  }

  private static void amount(JsonNode input, String expected) throws Exception {
    String rule = input.path("rule").asText();
    Outcome outcome = amount(input.path("cell").asText(), rule.isEmpty() ? "" : ", " + rule);
    if (expected.equals("refused")) {
      assertThat(outcome.errors()).singleElement().asString().contains("row 1", "Price");
    } else {
      assertThat(outcome.send().costMicros()).isEqualTo(Long.parseLong(expected));
    }
  }

  private static Outcome amount(String cell, String rule) throws Exception {
    return replay(MAPPING.formatted("iso", rule), HEADER + "\nm1,p,2026-11-20,\"" + cell + "\",\n");
  }

  // Files.

  private static void footer(JsonNode input, String expected) throws Exception {
    assertThat(input.asText()).contains("'Total: 1 rows'");
    Outcome outcome =
        replay(MAPPING.formatted("iso", ""), HEADER + "\nm1,p,2026-11-20,0,\nTotal: 1 rows\n");
    assertThat(outcome.errors().size() + " of " + outcome.rows() + " rows are broken")
        .isEqualTo(expected);
  }

  private static void emptyHeaders(JsonNode input, String expected) throws Exception {
    assertThat(input.asText()).endsWith(",,");
    String file = HEADER + ",,\nm1,p,2026-11-20,0,,,\n";
    assertThat(replay(MAPPING.formatted("iso", ""), file).send().messageId())
        .as(expected)
        .isEqualTo("m1");
  }

  private static void numbers(JsonNode input, String expected) throws Exception {
    assertThat(expected).isEqualTo("a warning");
    for (String cell : input.asText().split("; ", -1)) {
      recipient(cell, cell.contains("E+") ? "refused" : cell.replace("'", ""));
    }
  }

  private static void recipient(JsonNode input, String expected) throws Exception {
    recipient(input.asText(), expected);
  }

  private static void recipient(String cell, String expected) throws Exception {
    Outcome outcome =
        replay(
            MAPPING.formatted("iso", ""),
            HEADER + "\nm1,\"" + cell.replace("\"", "\"\"") + "\",2026-11-20,0,\n");
    if (expected.equals("refused")) {
      assertThat(outcome.errors()).singleElement().asString().contains("spreadsheet");
    } else {
      assertThat(outcome.send().recipientId()).isEqualTo(expected);
    }
  }

  private static void csv(JsonNode input, String expected) throws Exception {
    assertThat(expected).startsWith("read");
    String mapping = MAPPING.formatted("iso", "");
    switch (input.asText()) {
      case "BOM, with and without quotes, CRLF" -> {
        String row = "m1,p,2026-11-20,0,";
        String quoted = "\"Sid\",\"To\",\"SentDate\",\"Price\",\"Body\"\r\n" + row + "\r\n";
        Send plain = replay(mapping, HEADER + "\n" + row + "\n").send();
        assertThat(replay(mapping, "\ufeff" + HEADER + "\r\n" + row + "\r\n").send())
            .isEqualTo(plain);
        assertThat(replay(mapping, "\ufeff" + quoted).send()).isEqualTo(plain);
      }
      case "quoted line breaks and doubled quotes" -> {
        String body = "he said \"stop\"\nand went";
        String cell = "\"" + body.replace("\"", "\"\"") + "\"";
        Outcome outcome = replay(mapping, HEADER + "\nm1,p,2026-11-20,0," + cell + "\n");
        assertThat(((Reply) outcome.events().get(0)).body()).isEqualTo(body);
      }
      case "US date with AM/PM and zone, offsets with a pattern, RFC 2822 dates" -> {
        time("MM/dd/yyyy hh:mm a z", "11/20/2026 10:00 AM EST", "2026-11-20T15:00:00Z");
        time("yyyy-MM-dd HH:mm:ss xx", "2026-11-20 10:00:00 -0500", "2026-11-20T15:00:00Z");
        time(
            "EEE, dd MMM yyyy HH:mm:ss Z",
            "Fri, 20 Nov 2026 10:00:00 +0000",
            "2026-11-20T10:00:00Z");
      }
      default -> throw new AssertionError("a file that no test knows: " + input);
    }
  }

  private static void time(String format, String cell, String expected) throws Exception {
    Instant instant = Instant.ofEpochMilli(times(format, cell).send().eventTime());
    assertThat(instant).isEqualTo(expected);
  }

  private static Outcome replay(String mapping, String content) throws Exception {
    Path file = Files.createTempFile("heed-field-case", ".csv");
    try {
      Files.write(file, content.getBytes(StandardCharsets.UTF_8));
      List<Event> events = new ArrayList<>();
      try (Replay replay =
          Replay.open(file, MappingReader.read("mapping.yaml", mapping), OPTIONS)) {
        List<String> errors = replay.errors().stream().map(Object::toString).toList();
        replay.forEach(events::add);
        return new Outcome(replay.rows(), errors, events);
      }
    } finally {
      Files.delete(file);
    }
  }
}
