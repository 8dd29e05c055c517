package io.heed.flink.listhealth;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Messages to some recipients and what becomes of them, in order of time. */
final class TestingTraffic {
  static final long START = 1_750_000_000_000L;
  private static final long HOUR = 3_600_000;

  private TestingTraffic() {}

  static List<Event> of(long seed, int messages) {
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      long at = START + i * 20L * HOUR / messages;
      String recipient = "r" + random.nextInt(messages / 8);
      String list = "list-" + random.nextInt(2);
      events.add(send("" + i, at, recipient, list, "campaign-" + random.nextInt(3)));
      boolean delivered = random.nextInt(10) > 0;
      events.add(
          new Delivery(
              "d" + i,
              at + 4_000,
              recipient,
              "m" + i,
              delivered ? DeliveryStatus.DELIVERED : DeliveryStatus.FAILED,
              delivered ? null : "30007",
              "twilio",
              null));
      switch (random.nextInt(5)) {
        case 0 ->
            events.add(new Click("k" + i, at + 60_000, recipient, "m" + i, null, null, null, null));
        case 1 -> events.add(new Reply("p" + i, at + HOUR, recipient, null, "STOP"));
        case 2 ->
            events.add(
                new OptOut("o" + i, at + HOUR, recipient, list, OptOutMethod.COMPLAINT, null));
        case 3 ->
            events.add(
                new Conversion(
                    "c" + i, at + HOUR, recipient, "x" + i, ConversionKind.PURCHASE, 9, null));
        default -> {}
      }
    }
    return events;
  }

  static Send send(String number, long at, String recipient, String list, String campaign) {
    return new Send(
        "s" + number,
        at,
        recipient,
        "m" + number,
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
}
