package io.heed.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.Touch;
import io.heed.core.model.UnreadableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mappings that come with Heed, against what is known of their data sets. */
class DatasetsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final long DAY_MILLIS = 86_400_000;

  @TempDir Path directory;

  @Test
  void hillstrom() throws Exception {
    JsonNode expected = Datasets.json("hillstrom/expected.json");
    List<Event> events = replay("hillstrom", Datasets.file("hillstrom/hillstrom.csv.gz"));

    Map<String, Assignment> exposure = new HashMap<>();
    of(Assignment.class, events).forEach(a -> exposure.put(a.recipientId(), a));
    Map<String, String> arms =
        Map.of("none", "No E-Mail", "mens", "Mens E-Mail", "womens", "Womens E-Mail");
    arms.forEach(
        (variant, arm) -> {
          JsonNode counts = expected.at("/arms/" + arm);
          assertThat(exposure.values())
              .filteredOn(a -> a.variantId().equals(variant))
              .hasSize(counts.get("n").intValue());
          assertThat(of(Send.class, events))
              .filteredOn(s -> s.variantId().equals(variant))
              .hasSize(variant.equals("none") ? 0 : counts.get("n").intValue());
          assertThat(of(Click.class, events))
              .filteredOn(c -> exposure.get(c.recipientId()).variantId().equals(variant))
              .hasSize(counts.get("visit").intValue())
              .allMatch(c -> (c.messageId() == null) == variant.equals("none"));
          List<Conversion> conversions =
              of(Conversion.class, events).stream()
                  .filter(c -> exposure.get(c.recipientId()).variantId().equals(variant))
                  .toList();
          assertThat(conversions).hasSize(counts.get("conversion").intValue());
          assertThat(micros(conversions))
              .isEqualTo(counts.get("spend_sum").decimalValue().movePointRight(6).longValue());
        });
    assertThat(of(Send.class, events)).hasSize(42_694);
    assertThat(of(Delivery.class, events)).hasSize(42_694);
    assertThat(micros(of(Conversion.class, events))).isEqualTo(67_258_130_000L);
    assertThat(events)
        .allMatch(
            e -> {
              long since = e.eventTime() - exposure.get(e.recipientId()).eventTime();
              return since >= 0 && since < 14 * DAY_MILLIS;
            });
  }

  @Test
  void hillstromShuffledIsTheSame() throws Exception {
    Path file = Datasets.file("hillstrom/hillstrom.csv.gz");
    List<String> lines = new ArrayList<>(Datasets.gzippedLines(file));
    Collections.shuffle(lines.subList(1, lines.size()), new Random(1));
    Path shuffled = Files.write(directory.resolve("shuffled.csv"), lines);

    assertThat(replay("hillstrom", shuffled)).isEqualTo(replay("hillstrom", file));
  }

  @Test
  void cookieCats() throws Exception {
    JsonNode expected = Datasets.json("cookie_cats/expected.json");
    List<Event> events = replay("cookie_cats", Datasets.file("cookie_cats/cookie_cats.csv.gz"));

    Map<String, String> variants = new HashMap<>();
    of(Assignment.class, events).forEach(a -> variants.put(a.recipientId(), a.variantId()));
    assertThat(variants).hasSize(expected.get("unique_users").intValue());
    expected
        .get("arms")
        .fields()
        .forEachRemaining(
            arm -> {
              String variant = arm.getKey().replace('_', '-');
              JsonNode counts = arm.getValue();
              assertThat(count(Assignment.class, events, variants, variant))
                  .isEqualTo(counts.get("n").intValue());
              assertThat(count(Click.class, events, variants, variant))
                  .isEqualTo(counts.get("retention_1").intValue());
              assertThat(count(Conversion.class, events, variants, variant))
                  .isEqualTo(counts.get("retention_7").intValue());
            });
  }

  @Test
  void pathData() throws Exception {
    JsonNode expected = Datasets.json("path_data/expected.json");
    List<Event> events = replay("path_data", Datasets.file("path_data/PathData.csv.gz"));

    Map<String, List<Touch>> paths = new LinkedHashMap<>();
    of(Touch.class, events)
        .forEach(t -> paths.computeIfAbsent(t.recipientId(), r -> new ArrayList<>()).add(t));
    assertThat(paths.values()).extracting(List::size).contains(89).allMatch(size -> size <= 89);
    Map<String, Double> firsts = new HashMap<>();
    Map<String, Double> firstValue = new HashMap<>();
    Map<String, Double> linear = new HashMap<>();
    List<Conversion> conversions = of(Conversion.class, events);
    for (Conversion conversion : conversions) {
      List<Touch> path = paths.remove(conversion.recipientId());
      assertThat(path).allMatch(touch -> touch.eventTime() < conversion.eventTime());
      String first = path.get(0).channel();
      firsts.merge(first, 1.0, Double::sum);
      firstValue.merge(first, conversion.revenueMicros() / 1e6, Double::sum);
      path.forEach(touch -> linear.merge(touch.channel(), 1.0 / path.size(), Double::sum));
    }
    assertThat(conversions).hasSize(expected.get("total_conversions").intValue());
    assertThat(paths).hasSize(expected.get("total_null").intValue());
    // Each row's value is rounded to the micro once.
    assertThat(micros(conversions) / 1e6)
        .isCloseTo(expected.get("total_conversion_value").doubleValue(), within(1e-5));
    expected
        .get("heuristics")
        .fields()
        .forEachRemaining(
            channel -> {
              JsonNode counts = channel.getValue();
              double conversionsFirst = counts.get("first_conversions").doubleValue();
              assertThat(firsts.get(channel.getKey())).isEqualTo(conversionsFirst);
              assertThat(firstValue.get(channel.getKey()))
                  .isCloseTo(
                      counts.get("first_value").doubleValue(), within(1e-6 * conversionsFirst));
              assertThat(linear.get(channel.getKey()))
                  .isCloseTo(counts.get("linear_conversions").doubleValue(), within(1e-6));
            });
    // The look-back of 30 days of those without one has passed when the day of conversions ends.
    assertThat(days(conversions)).hasSize(1);
    long day = days(conversions).iterator().next();
    assertThat(days(paths.values().stream().flatMap(List::stream).toList()))
        .containsExactly(day - 31);
    assertThat(days(events)).containsExactlyInAnyOrder(day - 31, day);
  }

  private static Set<Long> days(List<? extends Event> events) {
    return events.stream().map(event -> event.eventTime() / DAY_MILLIS).collect(Collectors.toSet());
  }

  /** Counts of a variant. */
  private record Counts(String test, long impressions, long clicks) {}

  @Test
  void upworthy() throws Exception {
    Path file = Datasets.file("upworthy/upworthy_packages_dev.csv.gz");
    List<Counts> expected = new ArrayList<>();
    Set<String> tests = new HashSet<>();
    Mapping mapping = MappingReader.bundled("upworthy");
    Rows.read(
        file,
        ',',
        new Rows.Sink() {
          @Override
          public void header(List<String> columns) {}

          @Override
          public void row(long number, SortedMap<String, String> cells) {
            tests.add(cells.get("clickability_test_id"));
            expected.add(
                new Counts(
                    cells.get("clickability_test_id"),
                    Long.parseLong(cells.get("impressions")),
                    Long.parseLong(cells.get("clicks"))));
          }

          @Override
          public void broken(RowError error) {
            throw new AssertionError(error);
          }
        });
    assertThat(expected).hasSize(11_582);
    assertThat(expected.stream().mapToLong(Counts::impressions).sum()).isEqualTo(41_526_213);
    assertThat(expected.stream().mapToLong(Counts::clicks).sum()).isEqualTo(636_450);
    Set<String> taken = new HashSet<>(tests.stream().sorted().limit(20).toList());

    Map<String, String> testByCampaign = new HashMap<>();
    Map<String, String> campaignByMessage = new HashMap<>();
    Map<String, Long> impressions = new TreeMap<>();
    Map<String, Long> clicks = new HashMap<>();
    long[] lastTime = {0};
    boolean[] inOrder = {true};
    try (Replay replay = Replay.open(file, mapping, ReplayOptions.at(NOW).withGroups(20))) {
      replay.forEach(
          event -> {
            inOrder[0] &= event.eventTime() >= lastTime[0];
            lastTime[0] = event.eventTime();
            if (event instanceof Send send) {
              testByCampaign.put(
                  send.campaignId(), send.experimentId().substring("upworthy-".length()));
              campaignByMessage.put(send.messageId(), send.campaignId());
              impressions.merge(send.campaignId(), 1L, Long::sum);
            } else if (event instanceof Click click) {
              // At most one for each impression.
              clicks.merge(campaignByMessage.remove(click.messageId()), 1L, Long::sum);
            }
          });
    }

    assertThat(inOrder).containsExactly(true);
    List<Counts> seen = new ArrayList<>();
    impressions.forEach(
        (campaign, count) ->
            seen.add(
                new Counts(
                    testByCampaign.get(campaign), count, clicks.getOrDefault(campaign, 0L))));
    expected.removeIf(counts -> !taken.contains(counts.test()));
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static List<Event> replay(String mapping, Path file) throws Exception {
    List<Event> events = new ArrayList<>();
    TopicCodec codec = new TopicCodec();
    Map<Class<?>, Topic> topics = new HashMap<>();
    Topic.events().forEach(topic -> topics.put(topic.type(), topic));
    try (Replay replay = Replay.open(file, MappingReader.bundled(mapping), ReplayOptions.at(NOW))) {
      assertThat(replay.errors()).isEmpty();
      replay.forEach(
          event -> {
            events.add(event);
            if (!event.equals(reread(codec, topics.get(event.getClass()), event))) {
              throw new AssertionError("another one is read back: " + event);
            }
          });
    }
    assertThat(events).isSortedAccordingTo(JourneyEvents.ORDER);
    assertThat(new HashSet<>(events.stream().map(Event::eventId).toList())).hasSize(events.size());
    return events;
  }

  /** What a job reads of it. */
  @SuppressWarnings("unchecked")
  private static Object reread(TopicCodec codec, Topic topic, Event event) {
    try {
      byte[] json = ((JsonCodec<Event>) JsonCodec.of(event.getClass())).write(event);
      return codec.read(topic, json, NOW.toEpochMilli());
    } catch (UnreadableException e) {
      throw new AssertionError(event.toString(), e);
    }
  }

  private static long count(
      Class<?> type, List<Event> events, Map<String, String> variants, String variant) {
    return events.stream()
        .filter(type::isInstance)
        .filter(event -> variant.equals(variants.get(event.recipientId())))
        .count();
  }

  private static long micros(List<Conversion> conversions) {
    return conversions.stream().mapToLong(Conversion::revenueMicros).sum();
  }

  private static <T> List<T> of(Class<T> type, List<Event> events) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
