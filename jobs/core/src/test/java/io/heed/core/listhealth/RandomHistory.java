package io.heed.core.listhealth;

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
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Events of one recipient: few names, close times and much disorder, so that all cases meet. */
final class RandomHistory {
  static final long START = 1_750_000_000_000L;
  private static final long HOUR = 3_600_000;
  private static final String PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)";

  private final Random random;
  private int events;

  private RandomHistory(Random random) {
    this.random = random;
  }

  static List<Event> of(Random random, int size) {
    RandomHistory history = new RandomHistory(random);
    List<Event> made = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      made.add(history.next());
    }
    return made;
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private long time() {
    // Days, now and then the same hour, now and then the same second.
    return START
        + random.nextInt(5) * 24L * HOUR
        + random.nextInt(3) * HOUR
        + random.nextInt(3) * 60_000L
        + random.nextInt(3) * 500L;
  }

  private String message() {
    return "m" + random.nextInt(6);
  }

  private String messageOrNone() {
    return random.nextInt(3) == 0 ? null : random.nextInt(8) == 0 ? "unknown" : message();
  }

  private Event next() {
    String id = "e" + events++;
    return switch (random.nextInt(10)) {
      case 0, 1, 2 ->
          new Send(
              id,
              time(),
              "r",
              message(),
              pick(List.of("x", "y")),
              pick(List.of("a", "b")),
              Category.PROMOTIONAL,
              null,
              null,
              null,
              random.nextBoolean() ? null : pick(List.of("att", "verizon")),
              null,
              null,
              1,
              random.nextInt(3),
              null,
              null);
      case 3, 4 -> {
        DeliveryStatus status = pick(List.of(DeliveryStatus.values()));
        yield new Delivery(
            id,
            time(),
            "r",
            message(),
            status,
            status == DeliveryStatus.DELIVERED ? null : pick(List.of("30003", "30007", "1")),
            "twilio",
            random.nextBoolean() ? null : pick(List.of("att", "tmobile")));
      }
      case 5, 6 ->
          new Click(
              id,
              time(),
              "r",
              random.nextInt(8) == 0 ? "unknown" : message(),
              null,
              null,
              random.nextInt(4) == 0 ? null : pick(List.of(PHONE, PHONE, "Slackbot 1.0")),
              null);
      case 7 -> new Reply(id, time(), "r", messageOrNone(), pick(List.of("STOP", "thanks")));
      case 8 ->
          random.nextInt(3) == 0
              ? new OptIn(id, time(), "r", pick(List.of("*", "a", "c")), OptInMethod.WEB, null)
              : new OptOut(
                  id,
                  time(),
                  "r",
                  pick(List.of("*", "a", "b")),
                  pick(List.of(OptOutMethod.KEYWORD, OptOutMethod.COMPLAINT)),
                  messageOrNone());
      default ->
          new Conversion(
              id,
              time(),
              "r",
              "c" + id,
              pick(List.of(ConversionKind.PURCHASE, ConversionKind.LEAD, ConversionKind.REFUND)),
              1_000_000,
              null);
    };
  }
}
