package io.heed.bench;

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
import io.heed.core.model.SendRequest;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Traffic for measuring: messages to random recipients, each with its receipts and now and then an
 * outcome, in the proportions of a real programme. Nothing is broken, late or doubled, so that the
 * figures say what a job costs and not what disorder costs.
 */
final class BenchTraffic {
  private static final String[] CARRIERS = {"att", "tmobile", "verizon"};

  private final SplittableRandom random;
  private final int recipients;
  private final int campaigns;
  private final Kind kind;
  private long messages;

  /** What jobs are measured with. */
  enum Kind {
    PLAIN,
    /** Sends alone, without what comes of them. */
    SENT,
    /** The sending system requests a verdict before each message. */
    REQUESTED,
    /** The same under the plain caps of {@link BenchModel}. */
    CAPPED,
    /** The same, and the optimizer decides who gets a place. */
    OPTIMISED,
    /** Each message belongs to an experiment of {@link BenchExperiments}. */
    TESTED;

    boolean requested() {
      return this == REQUESTED || this == CAPPED || this == OPTIMISED;
    }
  }

  BenchTraffic(long seed, int recipients, int campaigns, Kind kind) {
    this.random = new SplittableRandom(seed);
    this.recipients = recipients;
    this.campaigns = campaigns;
    this.kind = kind;
  }

  /**
   * Hands out {@code events} events, evenly between two instants (epoch milliseconds) and nearly in
   * order of time.
   */
  void generate(long events, long fromMillis, long toMillis, Consumer<Event> out) {
    long made = 0;
    while (made < events) {
      made +=
          message(fromMillis + (long) ((toMillis - fromMillis) * (made / (double) events)), out);
    }
  }

  /** One message to each recipient at an instant, and nothing that comes of it. */
  void fill(long at, Consumer<Event> out) {
    for (int i = 0; i < recipients; i++) {
      out.accept(send("f" + i, at, i, i % campaigns, CARRIERS[i % CARRIERS.length]));
    }
  }

  /** A message to the one recipient who gets very many. */
  Send hot(String message, long at) {
    return send("hot-" + message, at, -1, 0, CARRIERS[0]);
  }

  private Send send(String message, long at, int person, int campaign, String carrier) {
    boolean tested = kind == Kind.TESTED;
    return new Send(
        "s-" + message,
        at,
        "r" + person,
        message,
        "campaign-" + campaign,
        list(campaign),
        Category.PROMOTIONAL,
        tested ? BenchExperiments.id(campaign) : null,
        tested ? BenchExperiments.variant(person, campaign) : null,
        null,
        carrier,
        "US-NY",
        "America/New_York",
        1,
        7_900,
        kind.requested() ? "q-" + message : null,
        null);
  }

  static String list(int campaign) {
    return "list-" + campaign % 4;
  }

  /** One message at an instant with all that comes of it; returns the number of events. */
  int message(long at, Consumer<Event> out) {
    long number = messages++;
    int person = random.nextInt(recipients);
    String recipient = "r" + person;
    int campaign = random.nextInt(campaigns);
    String list = list(campaign);
    String message = "m" + number;
    String carrier = CARRIERS[random.nextInt(CARRIERS.length)];
    int made = 3;
    if (kind.requested()) {
      out.accept(
          new SendRequest(
              "a" + number,
              at - 100,
              recipient,
              "q-" + message,
              "campaign-" + campaign,
              list,
              Category.PROMOTIONAL,
              null,
              null,
              null,
              "US-NY",
              "America/New_York",
              null));
      made++;
    }
    out.accept(send(message, at, person, campaign, carrier));
    if (kind == Kind.SENT) {
      return 1;
    }
    out.accept(
        new Delivery(
            "t" + number, at + 400, recipient, message, DeliveryStatus.SENT, null, "v", null));
    boolean delivered = random.nextInt(100) < 96;
    out.accept(
        new Delivery(
            "d" + number,
            at + 3_000,
            recipient,
            message,
            delivered ? DeliveryStatus.DELIVERED : DeliveryStatus.UNDELIVERED,
            delivered ? null : "30003",
            "v",
            carrier));
    if (random.nextInt(100) < 6) {
      out.accept(
          new Click(
              "c" + number,
              at + 60_000,
              recipient,
              message,
              "l1",
              "https://example.com/a",
              "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
              "h" + number));
      made++;
    }
    if (random.nextInt(100) < 1) {
      out.accept(new Reply("p" + number, at + 90_000, recipient, message, "thanks, great"));
      made++;
    }
    if (random.nextInt(1_000) < 5) {
      out.accept(
          new OptOut("o" + number, at + 95_000, recipient, list, OptOutMethod.KEYWORD, message));
      made++;
    }
    if (random.nextInt(100) < 2) {
      out.accept(
          new Conversion(
              "v" + number,
              at + 120_000,
              recipient,
              "o" + number,
              ConversionKind.PURCHASE,
              45_000_000,
              null));
      made++;
    }
    return made;
  }
}
