package io.heed.sim;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Touch;
import io.heed.core.model.TouchAction;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.IncidentKind;
import io.heed.sim.Scenario.People;
import io.heed.sim.Scenario.Variant;
import java.util.List;
import java.util.Objects;

/** What becomes of a text, and what people do without one. */
final class Reactions {
  private static final Variant PLAIN = new Variant("", 1, 1, 1, 1, 1);
  private static final String VENDOR = "twilio";
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long LONGEST_RECEIPT = 70 * HOUR;
  private static final double MOST = 0.9;

  /** Share of caused purchases whose buyer clicked before. */
  private static final double BUYS_THROUGH_LINK = 0.7;

  private static final List<String> EMAILS = List.of("newsletter", "abandoned-cart", "review-ask");
  private static final List<String> CENTS = List.of("00", "50", "90", "99");

  private final Programme programme;
  private final People people;
  private final Agenda agenda;
  private final Courier courier;
  private final Ids ids;
  private final Chance chance;
  private final Effects effects;
  private final Words words = Words.STANDARD;
  private SendingSystem sender;

  Reactions(
      Programme programme,
      Agenda agenda,
      Courier courier,
      Ids ids,
      Chance chance,
      Effects effects) {
    this.programme = programme;
    this.people = programme.scenario.people();
    this.agenda = agenda;
    this.courier = courier;
    this.ids = ids;
    this.chance = chance;
    this.effects = effects;
  }

  /** Who replies to people. */
  void answeredBy(SendingSystem system) {
    sender = Objects.requireNonNull(system);
  }

  // What becomes of a text.

  void sent(Message message) {
    Person person = message.person();
    if (chance.happens(0.3)) {
      agenda.after(200, () -> receipt(message, DeliveryStatus.ACCEPTED, null));
    }
    agenda.after(
        Math.min(chance.logNormal(700, 0.5), MINUTE),
        () -> receipt(message, DeliveryStatus.SENT, null));
    long after =
        Math.min(
            chance.logNormal(person.carrier.receiptAfter().toMillis(), 0.9),
            chance.happens(0.003) ? chance.between(HOUR, LONGEST_RECEIPT) : 20 * MINUTE);
    agenda.after(after, () -> arrive(message));
  }

  private void arrive(Message message) {
    Person person = message.person();
    if (person.invalid) {
      receipt(message, DeliveryStatus.UNDELIVERED, chance.happens(0.7) ? "30005" : "30006");
      person.markUnreachable();
    } else if (programme.happening(
        IncidentKind.CARRIER_OUTAGE, person.carrier.id(), agenda.now())) {
      receipt(
          message,
          chance.happens(0.3) ? DeliveryStatus.EXPIRED : DeliveryStatus.UNDELIVERED,
          chance.happens(0.5) ? "30008" : "30003");
    } else if (chance.happens(person.carrier.delivered())) {
      if (chance.happens(0.002)) {
        // A carrier that first does not know, and then does.
        receipt(message, DeliveryStatus.UNKNOWN, null);
        agenda.after(
            chance.between(MINUTE, LONGEST_RECEIPT),
            () -> receipt(message, DeliveryStatus.DELIVERED, null));
      } else {
        receipt(message, DeliveryStatus.DELIVERED, null);
      }
      read(message);
    } else {
      notDelivered(message);
    }
  }

  private void notDelivered(Message message) {
    double what = chance.below(1_000) / 1_000.0;
    if (what < 0.45) {
      receipt(message, DeliveryStatus.UNDELIVERED, "30003");
    } else if (what < 0.65) {
      receipt(message, DeliveryStatus.UNDELIVERED, "30007");
    } else if (what < 0.80) {
      receipt(message, DeliveryStatus.FAILED, "30008");
    } else if (what < 0.85) {
      receipt(message, DeliveryStatus.FAILED, "30001");
    } else if (what < 0.87) {
      receipt(message, DeliveryStatus.FAILED, "21610");
      message.person().markUnreachable();
    } else if (what < 0.97) {
      receipt(message, DeliveryStatus.EXPIRED, null);
    }
    // Else no final receipt ever comes.
  }

  private void receipt(Message message, DeliveryStatus status, String errorCode) {
    courier.post(
        new Delivery(
            ids.next('e'),
            agenda.now(),
            message.person().id,
            message.id(),
            status,
            errorCode,
            VENDOR,
            message.person().carrier.id()));
  }

  /** The text has arrived: what its reader will do. */
  private void read(Message message) {
    Person person = message.person();
    Campaign campaign = message.campaign();
    Variant variant = message.variant() == null ? PLAIN : message.variant();
    int others = Math.max(0, person.promotionalWithin(7, agenda.now()) - 1);
    double tired = 1 + people.fatigue() * others;
    double click =
        Math.min(MOST, people.click() * person.click * campaign.click() * variant.click() / tired);
    double purchase =
        Math.min(
            MOST, people.purchase() * person.purchase * campaign.purchase() * variant.purchase());
    double optOut =
        people.optOut()
            * person.optOut
            * campaign.optOut()
            * variant.optOut()
            * tired
            * programme.incident(IncidentKind.OPT_OUT_SPIKE, campaign.id(), message.sentAt());
    if (chance.happens(person.carrier.scans())) {
      scan(message);
    }
    boolean clicks = chance.happens(click);
    if (clicks) {
      agenda.after(reactionMillis(4 * MINUTE, variant), () -> click(message));
    }
    double afterClick = click == 0 ? 0 : Math.min(1, BUYS_THROUGH_LINK * purchase / click);
    double withoutClick = Math.min(1, (1 - BUYS_THROUGH_LINK) * purchase / (1 - click));
    effects.arrived(message, click * afterClick + (1 - click) * withoutClick);
    if (chance.happens(clicks ? afterClick : withoutClick)) {
      agenda.after(reactionMillis(50 * MINUTE, variant), () -> purchase(person, message));
    }
    if (chance.happens(optOut)) {
      agenda.after(reactionMillis(3 * MINUTE, variant), () -> leave(message));
    } else if (chance.happens(people.reply() * person.reply)) {
      agenda.after(reactionMillis(6 * MINUTE, variant), () -> write(message));
    }
  }

  private long reactionMillis(long median, Variant variant) {
    long millis = (long) (chance.logNormal(median, 1.3) * variant.delay());
    return Math.min(5 * SECOND + millis, LONGEST_RECEIPT);
  }

  private void click(Message message) {
    Person person = message.person();
    courier.post(clickOf(message, "main", chance.happens(0.98) ? person.userAgent : null));
    if (chance.happens(0.15)) {
      agenda.after(
          chance.between(20 * SECOND, 3 * HOUR),
          () -> courier.post(clickOf(message, "more", person.userAgent)));
    }
  }

  /** A machine opens the link: by its name it is known, or by being faster than any person. */
  private void scan(Message message) {
    if (chance.happens(0.8)) {
      agenda.after(
          chance.between(0, 30 * SECOND),
          () ->
              courier.post(
                  clickOf(message, "main", chance.anyOf(words.scanners())), Nature.SCANNER_CLICK));
    } else if (agenda.now() - message.sentAt() < 1_500) {
      courier.post(clickOf(message, "main", message.person().userAgent), Nature.SCANNER_CLICK);
    }
  }

  private Click clickOf(Message message, String link, String userAgent) {
    String person = message.person().id;
    return new Click(
        ids.next('e'),
        agenda.now(),
        person,
        message.id(),
        link,
        "https://shop.example/" + message.campaign().id(),
        userAgent,
        Integer.toHexString(person.hashCode()));
  }

  // Words.

  private void write(Message message) {
    Person person = message.person();
    if (chance.happens(0.04)) {
      reply(message, chance.anyOf(words.help()), Nature.FACT);
      agenda.after(
          chance.between(SECOND, 5 * SECOND),
          () -> sender.answer(person, message.campaign(), Category.CONVERSATIONAL, "help"));
    } else {
      reply(message, chance.anyOf(Words.in(person.language, words.chatter())), Nature.FACT);
    }
  }

  private void reply(Message message, String body, Nature nature) {
    String answers = chance.happens(0.97) ? message.id() : null;
    courier.post(
        new Reply(ids.next('e'), agenda.now(), message.person().id, answers, body), nature);
  }

  private void leave(Message message) {
    Person person = message.person();
    int list = programme.listOf(message.campaign());
    if (person.hasLeft(list)) {
      return;
    }
    String scope = message.campaign().list();
    double how = chance.below(1_000) / 1_000.0;
    if (how < 0.55) {
      leaveByKeyword(message, list);
    } else if (how < 0.80) {
      person.leave(list);
      reply(
          message, chance.anyOf(Words.in(person.language, words.optOuts())), Nature.REVOKING_REPLY);
    } else if (how < 0.90) {
      person.leave(list);
      optOut(person, scope, OptOutMethod.WEB, message.id());
    } else {
      person.leaveAll();
      OptOutMethod method =
          how < 0.93
              ? OptOutMethod.COMPLAINT
              : how < 0.96 ? OptOutMethod.CARRIER : OptOutMethod.AGENT;
      optOut(person, "*", method, method == OptOutMethod.AGENT ? null : message.id());
    }
  }

  /** The vendor recognises the word as well, and reports what it has done. */
  private void leaveByKeyword(Message message, int list) {
    Person person = message.person();
    String word = chance.anyOf(Words.in(person.language, words.keywords()));
    courier.post(
        new Reply(ids.next('e'), agenda.now(), person.id, message.id(), word),
        Nature.REVOKING_REPLY);
    person.leave(list);
    agenda.after(
        chance.between(500, 3 * SECOND),
        () -> optOut(person, message.campaign().list(), OptOutMethod.KEYWORD, message.id()));
    agenda.after(
        chance.between(5 * SECOND, 20 * SECOND),
        () ->
            sender.answer(
                person,
                message.campaign(),
                Category.TRANSACTIONAL,
                SendingSystem.OPT_OUT_CONFIRMATION));
    if (chance.happens(0.05)) {
      agenda.after(chance.between(3 * DAY, 9 * DAY), () -> comeBack(message, list));
    }
  }

  private void comeBack(Message message, int list) {
    Person person = message.person();
    reply(message, chance.anyOf(words.start()), Nature.FACT);
    agenda.after(
        2 * SECOND,
        () -> {
          optIn(person, message.campaign().list(), OptInMethod.KEYWORD);
          person.join(list);
        });
  }

  private void optOut(Person person, String scope, OptOutMethod method, String messageId) {
    courier.post(new OptOut(ids.next('e'), agenda.now(), person.id, scope, method, messageId));
  }

  void optIn(Person person, String scope, OptInMethod method) {
    courier.post(
        new OptIn(
            ids.next('e'),
            agenda.now(),
            person.id,
            scope,
            method,
            "https://shop.example/consent/" + person.id));
  }

  // Money, and what people do without a text.

  /** A purchase; {@code cause} is the text that caused it, or null. */
  private void purchase(Person person, Message cause) {
    long whole = Math.max(5, chance.logNormal(people.orderValueMicros() / 1_000_000, 0.6));
    long revenue = whole * 1_000_000 + Long.parseLong(chance.anyOf(CENTS)) * 10_000;
    if (cause != null) {
      effects.purchased(cause, revenue);
    }
    String conversion = convert(person, ConversionKind.PURCHASE, revenue, null);
    if (chance.happens(people.refund())) {
      long back = chance.happens(0.7) ? revenue : revenue / 2;
      agenda.after(
          chance.between(DAY, 12 * DAY),
          () -> convert(person, ConversionKind.REFUND, back, conversion));
    }
    for (Campaign campaign : programme.scenario.campaigns()) {
      if (campaign.afterPurchase()) {
        agenda.after(
            chance.between(30 * SECOND, 5 * MINUTE), () -> sender.propose(person, campaign));
      }
    }
  }

  private String convert(Person person, ConversionKind kind, long micros, String original) {
    String conversion = ids.next('o');
    courier.post(
        new Conversion(ids.next('e'), agenda.now(), person.id, conversion, kind, micros, original));
    return conversion;
  }

  /** Somebody new: a lead, of whom some turn out to be customers. */
  void lead(Person person) {
    convert(person, ConversionKind.LEAD, 0, null);
    if (chance.happens(0.35)) {
      agenda.after(
          chance.between(HOUR, 3 * DAY), () -> convert(person, ConversionKind.QUALIFIED, 0, null));
    }
  }

  /** Begins what a person does of their own accord, for ever. */
  void live(Person person) {
    double purchases = people.organicPurchasesPerMonth() * person.purchase;
    double perMonth = purchases + people.organicVisitsPerMonth() + people.touchesPerMonth();
    if (perMonth > 0) {
      agenda.after(
          chance.exponentialMillis(30 * DAY / perMonth),
          () -> {
            act(person, purchases, perMonth);
            live(person);
          });
    }
  }

  private void act(Person person, double purchases, double perMonth) {
    double what = chance.below(1 << 20) * perMonth / (1 << 20);
    if (what < purchases) {
      purchase(person, null);
    } else if (what < purchases + people.organicVisitsPerMonth()) {
      courier.post(
          new Click(
              ids.next('e'),
              agenda.now(),
              person.id,
              null,
              null,
              "https://shop.example/",
              person.userAgent,
              Integer.toHexString(person.id.hashCode())));
    } else {
      touch(person);
    }
  }

  private void touch(Person person) {
    int what = chance.below(100);
    String channel = what < 60 ? "email" : what < 85 ? "social" : "search";
    String campaign = channel.equals("email") ? chance.anyOf(EMAILS) : channel + "-always-on";
    boolean clicks = channel.equals("search") || chance.happens(0.15);
    courier.post(
        new Touch(
            ids.next('e'),
            agenda.now(),
            person.id,
            channel,
            campaign,
            clicks ? TouchAction.CLICK : TouchAction.VIEW));
  }
}
