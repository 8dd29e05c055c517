package io.heed.core.listhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.codec.BinaryException;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RecipientFactsTest {
  private static final long T = 1_750_000_000_000L; // 2025-06-15T15:06:40Z
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private final FactReader reader = new FactReader();

  // Whatever the order.

  @Property(tries = 500)
  void rowsFollowFromTheSetOfEventsAlone(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int size) throws BinaryException {
    Random random = new Random(seed);
    List<Event> events = RandomHistory.of(random, size);
    Map<String, long[]> expected = NaiveCounts.of(events);
    for (int order = 0; order < 3; order++) {
      List<Event> arriving = new ArrayList<>(events);
      arriving.addAll(events.subList(0, random.nextInt(size + 1))); // delivered twice
      Collections.shuffle(arriving, random);
      assertThat(text(count(arriving, random))).isEqualTo(text(expected));
    }
  }

  /** Counts with a state value between events and with differences drained now and then. */
  private Map<String, long[]> count(List<Event> events, Random random) throws BinaryException {
    Map<String, long[]> totals = new TreeMap<>();
    RecipientFacts facts = new RecipientFacts();
    RowDeltas deltas = new RowDeltas();
    byte[] state = null;
    for (Event event : events) {
      Fact fact = reader.read(event);
      if (fact != null) {
        if (random.nextInt(4) == 0) {
          facts = new RecipientFacts();
        }
        facts.load(state);
        if (new FactCounter(facts).add(fact, deltas)) {
          state = facts.toBytes();
        }
      }
      if (random.nextInt(3) == 0) {
        drain(deltas, totals);
      }
    }
    drain(deltas, totals);
    totals.values().removeIf(counts -> Arrays.stream(counts).allMatch(count -> count == 0));
    return totals;
  }

  private static void drain(RowDeltas deltas, Map<String, long[]> totals) {
    deltas.drain(
        hour ->
            hour.forEach(
                (row, counts) -> {
                  long[] sum =
                      totals.computeIfAbsent(NaiveCounts.text(row), k -> new long[counts.length]);
                  for (int i = 0; i < sum.length; i++) {
                    sum[i] += counts[i];
                    assertThat(sum[i]).as("%s", row).isNotNegative();
                  }
                }),
        watched -> {});
  }

  private static Map<String, String> text(Map<String, long[]> rows) {
    Map<String, String> text = new TreeMap<>();
    rows.forEach((key, counts) -> text.put(key, Arrays.toString(counts)));
    return text;
  }

  // What is meant, by example.

  private Map<String, long[]> count(Event... events) throws BinaryException {
    return count(List.of(events), new Random(1));
  }

  private static Send send(String id, long time, String list, String campaign) {
    return new Send(
        "s" + id,
        time,
        "r",
        id,
        campaign,
        list,
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "att",
        null,
        null,
        1,
        7_900,
        null,
        null);
  }

  private static Delivery receipt(String message, long time, DeliveryStatus status, String code) {
    return new Delivery("d" + status + time, time, "r", message, status, code, "twilio", null);
  }

  private static String day(long time, String list, String campaign) {
    return NaiveCounts.text(
        NaiveCounts.listHealth(RowDeltas.windowStart(time, 86_400), 86_400, list, campaign));
  }

  private static String cohort(long time, String list, String campaign) {
    return "SEND_COHORT|"
        + RowDeltas.windowStart(time, 3_600)
        + "|0|"
        + list
        + "|"
        + campaign
        + "||";
  }

  @Test
  void aReceiptThatComesLateTakesTheFailureBack() throws BinaryException {
    Map<String, long[]> rows =
        count(
            send("m", T, "l", "c"),
            receipt("m", T + HOUR, DeliveryStatus.UNDELIVERED, "30003"),
            receipt("m", T + 71 * HOUR, DeliveryStatus.DELIVERED, null));
    assertThat(rows.get(day(T + 71 * HOUR, "l", "c"))).startsWith(0, 1, 0);
    assertThat(rows.get(day(T + HOUR, "l", "c"))).startsWith(1, 0, 0);
    assertThat(rows.get(cohort(T, "l", "c"))).startsWith(1, 1, 0);
  }

  @Test
  void aReceiptAfterTheCohortsHoursCountsInItsWindowOnly() throws BinaryException {
    Map<String, long[]> rows =
        count(
            send("m", T, "l", "c"),
            receipt("m", T + HOUR, DeliveryStatus.EXPIRED, "30003"),
            receipt("m", T + 73 * HOUR, DeliveryStatus.DELIVERED, null));
    assertThat(rows.get(day(T + 73 * HOUR, "l", "c"))).startsWith(0, 1, 0);
    assertThat(rows.get(cohort(T, "l", "c"))).startsWith(1, 0, 1);
    assertThat(rows)
        .containsKey("DELIVERY_HEALTH|" + RowDeltas.windowStart(T, 3_600) + "|0|l|c|att|TRANSIENT");
  }

  @Test
  void anOutcomeWaitsForItsSend() throws BinaryException {
    Click click = new Click("k", T + HOUR, "r", "m", null, null, null, null);
    assertThat(count(click)).isEmpty();
    assertThat(count(click, send("m", T, "l", "c")).get(day(T + HOUR, "l", "c")))
        .startsWith(1, 0, 0, 1, 1);
  }

  @Test
  void aKeywordTheOptOutOfTheVendorAndTheNextOneOfTheDayAreOneOptOut() throws BinaryException {
    Map<String, long[]> rows =
        count(
            send("m", T, "l", "c"),
            new Reply("p", T + HOUR, "r", null, "STOP"),
            new OptOut("o", T + HOUR + 1_000, "r", "l", OptOutMethod.KEYWORD, "m"),
            new OptOut("q", T + 20 * HOUR, "r", "l", OptOutMethod.WEB, null));
    assertThat(rows.get(day(T, "l", ""))[7]).isOne();
    assertThat(rows.get(day(T + 20 * HOUR, "l", ""))).isNull();
    assertThat(rows.get(cohort(T, "l", "c"))[5]).isOne();
  }

  @Test
  void withoutAMessageTheLastListTextedWithinSevenDaysHasTheReply() throws BinaryException {
    Reply reply = new Reply("p", T + 7 * DAY, "r", null, "hello");
    Send last = send("m", T, "l", "c");
    assertThat(count(last, reply).get(day(T + 7 * DAY, "l", ""))[6]).isOne();
    Reply later = new Reply("p", T + 7 * DAY + 1, "r", null, "hello");
    assertThat(count(last, later).get(day(T + 7 * DAY, "", ""))[6]).isOne();
  }

  @Test
  void oneWhoClicksOftenIsOneClicker() throws BinaryException {
    List<Event> events = new ArrayList<>(List.of(send("m", T, "l", "c")));
    for (int i = 0; i < 5; i++) {
      events.add(new Click("k" + i, T + 10_000 + i, "r", "m", null, null, null, null));
    }
    events.add(new Click("bot", T + 500, "r", "m", null, null, "Googlebot/2.1", null));
    Map<String, long[]> rows = count(events, new Random(3));
    assertThat(rows.get(day(T, "l", "c"))).startsWith(1, 0, 0, 5, 1, 1);
    assertThat(rows.get(cohort(T, "l", "c"))[3]).isOne();
  }

  @Test
  void namesMayBeAnything() throws BinaryException {
    Event[] events = {
      send("m", T, "Größe|*\u0000", "日本 \uD83D\uDE00"),
      new OptOut("o", T + HOUR, "r", "Größe|*\u0000", OptOutMethod.COMPLAINT, null)
    };
    assertThat(text(count(events))).isEqualTo(text(NaiveCounts.of(List.of(events))));
  }

  // What is kept.

  @Test
  void whatHasExpiredStaysCountedAndLeavesNothing() throws BinaryException {
    RecipientFacts facts = new RecipientFacts();
    RowDeltas deltas = new RowDeltas();
    facts.load(null);
    new FactCounter(facts).add(reader.read(send("m", T, "l", "c")), deltas);
    new FactCounter(facts).add(reader.read(send("n", T + DAY, "l", "d")), deltas);
    new FactCounter(facts)
        .add(reader.read(receipt("m", T + 5, DeliveryStatus.DELIVERED, null)), deltas);
    deltas.drain(rows -> {}, watched -> {});
    facts.expire(T + DAY);
    assertThat(facts.earliest()).isEqualTo(T + DAY);
    RecipientFacts other = new RecipientFacts();
    other.load(facts.toBytes());
    other.expire(T + DAY + 1);
    assertThat(other.isEmpty()).isTrue();
    assertThat(deltas.size()).isZero();
  }

  @Test
  void aMessageWithItsReceiptTakesSomeThirtyBytes() throws BinaryException {
    RecipientFacts facts = new RecipientFacts();
    RowDeltas deltas = new RowDeltas();
    facts.load(null);
    for (int i = 0; i < 10; i++) {
      new FactCounter(facts)
          .add(reader.read(send("m" + i, T + i * DAY, "list", "campaign-" + i % 2)), deltas);
      new FactCounter(facts)
          .add(
              reader.read(receipt("m" + i, T + i * DAY + 3_000, DeliveryStatus.DELIVERED, null)),
              deltas);
    }
    assertThat(facts.toBytes()).hasSizeLessThan(350);
  }

  @Test
  void readsTheFormatsOfAllReleases() throws IOException {
    byte[] golden;
    try (InputStream in = getClass().getResourceAsStream("recipient-facts-v1.hex")) {
      golden =
          HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
    RecipientFacts facts = new RecipientFacts();
    facts.load(golden);
    assertThat(facts.toBytes()).isEqualTo(golden);
    RowDeltas deltas = new RowDeltas();
    for (Event event : goldenEvents()) {
      assertThat(new FactCounter(facts).add(reader.read(event), deltas))
          .as("%s is known", event)
          .isFalse();
    }
    new FactCounter(facts).add(reader.read(send("late", T + 50, "l", "c")), deltas);
    Map<String, long[]> totals = new TreeMap<>();
    drain(deltas, totals);
    assertThat(totals.get(day(T, "l", "c"))).startsWith(1, 0, 0, 1, 1);
  }

  @Test
  void writesTheFormatOfTheGoldenFile() throws IOException {
    RecipientFacts facts = new RecipientFacts();
    facts.load(null);
    goldenEvents()
        .forEach(event -> new FactCounter(facts).add(reader.read(event), new RowDeltas()));
    try (InputStream in = getClass().getResourceAsStream("recipient-facts-v1.hex")) {
      assertThat(HexFormat.of().formatHex(facts.toBytes()))
          .isEqualTo(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }

  private static List<Event> goldenEvents() {
    return List.of(
        send("m", T, "l", "c"),
        receipt("m", T + 3_000, DeliveryStatus.UNDELIVERED, "30007"),
        new Click("k", T + 60_000, "r", "late", null, null, "Mozilla/5.0", null),
        new Reply("p", T + 90_000, "r", "m", "STOP"),
        new OptOut("o", T + 91_000, "r", "*", OptOutMethod.COMPLAINT, null));
  }

  @Test
  void refusesAFormatThatItDoesNotKnow() {
    RecipientFacts facts = new RecipientFacts();
    assertThatThrownBy(() -> facts.load(new byte[] {9})).hasMessageContaining("format 9");
  }
}
