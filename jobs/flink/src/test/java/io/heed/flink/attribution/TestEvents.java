package io.heed.flink.attribution;

import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.Touch;
import io.heed.core.model.TouchAction;
import io.heed.flink.streaming.Input;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random histories, and events as Kafka would give them. */
final class TestEvents {
  static final long DAY = 86_400_000L;
  static final long START = 20_000 * DAY;
  private static final long HOUR = 3_600_000L;
  private static final TopicCodec CODEC = new TopicCodec();
  private static final Map<Class<?>, Topic> TOPICS = new HashMap<>();

  static {
    Topic.events().forEach(topic -> TOPICS.put(topic.type(), topic));
  }

  private TestEvents() {}

  static Input input(Event event) {
    @SuppressWarnings("unchecked")
    JsonCodec<Event> codec = (JsonCodec<Event>) JsonCodec.of(event.getClass());
    return Input.decode(
        CODEC, TOPICS.get(event.getClass()), 0, 0, event.eventTime(), null, codec.write(event));
  }

  static Event touch(long at, String recipient, String channel, String id) {
    return new Touch(id, at, recipient, channel, null, TouchAction.CLICK);
  }

  static Event purchase(long at, String recipient, String id, long micros) {
    return conversion(at, recipient, id, ConversionKind.PURCHASE, micros, null);
  }

  static Event conversion(
      long at, String recipient, String id, ConversionKind kind, long micros, String original) {
    return new Conversion("v-" + id, at, recipient, id, kind, micros, original);
  }

  /** A few days of some recipients, in order of time. */
  static List<Event> random(Random random, int recipients, int messages) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      String r = "r" + random.nextInt(recipients);
      long at = START + random.nextInt(15 * 24) * HOUR;
      String variant = "v" + random.nextInt(2);
      events.add(send(at, r, "m" + i, "c" + i % 3, variant));
      events.add(
          new Delivery(
              "d" + i, at + 1_000, r, "m" + i, DeliveryStatus.DELIVERED, null, null, null));
      if (random.nextInt(3) == 0) {
        long clickAt = at + 60_000 + random.nextInt(48) * HOUR;
        events.add(new Click("k" + i, clickAt, r, "m" + i, null, null, null, null));
      }
      if (random.nextInt(3) == 0) {
        String channel = "ch" + random.nextInt(4);
        events.add(touch(at + random.nextInt(72) * HOUR, r, channel, "t" + i));
      }
      if (random.nextInt(3) == 0) {
        long boughtAt = at + random.nextInt(72) * HOUR;
        ConversionKind kind = ConversionKind.values()[random.nextInt(3)];
        events.add(conversion(boughtAt, r, "o" + i, kind, random.nextInt(90_000_000), null));
        if (random.nextInt(3) == 0) {
          events.add(
              conversion(
                  boughtAt + random.nextInt(200) * HOUR,
                  r,
                  "b" + i,
                  ConversionKind.REFUND,
                  random.nextInt(9_000_000),
                  "o" + i));
        }
      }
      if (random.nextInt(4) == 0) {
        events.add(
            new Assignment("a" + i, at, "h" + random.nextInt(recipients), "x", "none", null));
      }
    }
    events.sort(Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId));
    return events;
  }

  /** In another order, none by more than the lateness, and some twice. */
  static List<Event> disordered(List<Event> events, Random random, long lateness) {
    Map<Event, Long> arrival = new HashMap<>();
    events.forEach(e -> arrival.put(e, e.eventTime() + (long) (random.nextDouble() * lateness)));
    List<Event> twice = new ArrayList<>(events);
    twice.addAll(events.subList(events.size() / 4, events.size() / 2));
    twice.sort(Comparator.comparingLong(arrival::get));
    return twice;
  }

  private static Event send(
      long at, String recipient, String message, String campaign, String variant) {
    return new Send(
        "s" + message,
        at,
        recipient,
        message,
        campaign,
        "list",
        Category.PROMOTIONAL,
        "x",
        variant,
        null,
        null,
        null,
        null,
        1,
        7_900,
        null,
        null);
  }
}
