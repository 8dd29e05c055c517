package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.model.Event;
import io.heed.core.optimizer.OutcomeCells.Measure;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.LinkScanners;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One recipient's messages and what becomes of them. Events are applied in the order of their
 * instants, once event time has passed them; so what is counted does not depend on the order of
 * arrival within the lateness. What comes later is applied when it comes. A working copy with its
 * compact form.
 *
 * <p>Bounded: of more than {@value #PENDING_KEPT} events that wait, {@value #OPEN_KEPT} open
 * messages and {@value #SEEN_KEPT} ids the oldest is applied, counted or evicted at once.
 */
public final class FollowedPerson {
  /** Takes what is counted of one list on one UTC day. */
  @FunctionalInterface
  public interface Book {
    /** The counts to add to. */
    DayCounts of(String list, int day);
  }

  static final int PENDING_KEPT = 256;
  static final int OPEN_KEPT = 64;
  static final int SEEN_KEPT = 1_024;

  /** Steps of event time in which events are applied. */
  public static final long STEP_MILLIS = Duration.ofMinutes(10).toMillis();

  /** Days without an event after which a person is new again. */
  static final int KEPT_DAYS = 400;

  private static final int FORMAT = 1;
  private static final String ALL = "*";
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final LinkScanners SCANNERS = LinkScanners.standard();
  private static final Comparator<FollowedMessage> BY_TIME =
      Comparator.<FollowedMessage>comparingLong(each -> each.sentAt)
          .thenComparingLong(each -> each.id);

  private PersonState person = PersonState.NEW;
  private final List<OutcomeEvent> pending = new ArrayList<>();
  private final List<FollowedMessage> open = new ArrayList<>();

  /** Ids of events of the horizon, with their instants. */
  private final TreeMap<Long, Long> seen = new TreeMap<>();

  /** List and instant of the last click, to which money is credited. */
  private String clickedList;

  private long clickedAt;
  private long timer;
  private boolean news;

  /** When the timer of this recipient is due, epoch milliseconds; 0 for none. */
  public long timer() {
    return timer;
  }

  /** Whether something waits that came in since the timer fired last. */
  public boolean hasNews() {
    return news;
  }

  /** What is known of the person. */
  public PersonState state() {
    return person;
  }

  /**
   * Adds an event, which waits until event time has passed it.
   *
   * @param early takes what a campaign's factors need at once
   * @return whether it is new
   */
  public boolean add(Event event, long watermark, Book book, Consumer<CampaignFact> early) {
    OutcomeEvent fact = OutcomeEvent.of(event);
    if (fact == null || seen.putIfAbsent(fact.id() + fact.kind().ordinal(), fact.time()) != null) {
      return false;
    }
    if (seen.size() > SEEN_KEPT) {
      seen.remove(
          seen.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey());
    }
    announce(fact, early);
    pending.add(fact);
    pending.sort(OutcomeEvent.ORDER);
    if (pending.size() > PENDING_KEPT) {
      apply(pending.remove(0), book);
    }
    news = true;
    long due = stepEnd(Math.max(fact.time(), watermark + 1));
    timer = timer == 0 ? due : Math.min(timer, due);
    return true;
  }

  /** What is known of a campaign before event time has passed the event. */
  private void announce(OutcomeEvent fact, Consumer<CampaignFact> early) {
    if (fact.kind() == OutcomeEvent.Kind.SEND) {
      FollowedMessage message = FollowedMessage.of(fact, person);
      early.accept(
          new CampaignFact(
              message.list,
              message.campaign,
              fact.tags(),
              CampaignFact.Kind.SENT,
              OutcomeEvent.minute(fact.time()),
              message.group,
              Arrays.stream(message.fatigueMillis).boxed().toList()));
      return;
    }
    if (fact.message() == 0
        || pending.stream()
            .anyMatch(p -> p.kind() == fact.kind() && p.message() == fact.message())) {
      return;
    }
    FollowedMessage message = find(fact.message());
    OutcomeEvent sent =
        pending.stream()
            .filter(p -> p.kind() == OutcomeEvent.Kind.SEND && p.id() == fact.message())
            .findFirst()
            .orElse(null);
    boolean click = fact.kind() == OutcomeEvent.Kind.CLICK;
    boolean first =
        message == null ? sent != null : (click ? message.clickedAt : message.leftAt) == 0;
    if (first) {
      early.accept(
          new CampaignFact(
              message == null ? sent.scope() : message.list,
              message == null ? sent.campaign() : message.campaign,
              List.of(),
              click ? CampaignFact.Kind.CLICKED : CampaignFact.Kind.LEFT,
              OutcomeEvent.minute(fact.time()),
              0,
              List.of()));
    }
  }

  /**
   * Applies and counts what is due by the timer, and sets the next.
   *
   * @param horizonMillis how long ids are kept
   */
  public void onTimer(Book book, long horizonMillis) {
    long now = timer;
    news = false;
    while (true) {
      FollowedMessage message =
          open.stream().min(Comparator.comparingLong(FollowedMessage::due)).orElse(null);
      long due = message == null ? Long.MAX_VALUE : message.due();
      if (!pending.isEmpty() && pending.get(0).time() <= Math.min(now, due)) {
        apply(pending.remove(0), book);
      } else if (due <= now) {
        mature(message, book);
      } else {
        break;
      }
    }
    seen.values().removeIf(time -> time <= now - horizonMillis);
    long next = pending.isEmpty() ? Long.MAX_VALUE : pending.get(0).time();
    for (FollowedMessage message : open) {
      next = Math.min(next, message.due());
    }
    for (long time : seen.values()) {
      next = Math.min(next, time + horizonMillis);
    }
    if (next == Long.MAX_VALUE) {
      // Nothing waits: what is known of the person expires with the last period of clicks.
      next = (Math.max(person.lastDay(), person.lastConversionDay()) + KEPT_DAYS) * DAY;
    }
    timer = next <= now ? 0 : stepEnd(next);
  }

  /** Whether what is known of the recipient has expired. */
  public boolean isEmpty() {
    return timer == 0;
  }

  private static long stepEnd(long instant) {
    return Math.floorDiv(instant + STEP_MILLIS - 1, STEP_MILLIS) * STEP_MILLIS;
  }

  private void apply(OutcomeEvent event, Book book) {
    int today = OutcomeEvent.day(event.time());
    switch (event.kind()) {
      case REQUEST ->
          book.of(event.scope(), today)
              .outcomes()
              .campaign(event.campaign(), event.tags())
              .addRequest(OutcomeEvent.minute(event.time()));
      case SEND -> send(event, book);
      case CLICK -> click(event, book);
      case CONVERSION -> convert(event, book);
      case OPT_OUT -> optOut(event, book);
    }
  }

  private void send(OutcomeEvent event, Book book) {
    FollowedMessage message = FollowedMessage.of(event, person);
    DayCounts counts = book.of(message.list, OutcomeEvent.day(event.time()));
    long request = OutcomeEvent.requestId(message.list, message.campaign);
    if (seen.putIfAbsent(request + OutcomeEvent.Kind.REQUEST.ordinal(), event.time()) == null) {
      counts
          .outcomes()
          .campaign(message.campaign, event.tags())
          .addRequest(OutcomeEvent.minute(event.time()));
    }
    DayCounts.SentCells sent = counts.sent(message.campaign);
    message.countMessage(sent.cells);
    sent.messages++;
    sent.minutes += OutcomeEvent.minute(event.time());
    sent.costMicros += event.micros();
    person = person.withMessage(OutcomeEvent.day(event.time()), PersonState.NOMINAL_CLICKS);
    open.add(message);
    open.sort(BY_TIME);
    while (open.size() > OPEN_KEPT) {
      mature(open.get(0), book);
    }
  }

  private void click(OutcomeEvent event, Book book) {
    FollowedMessage message = find(event.message());
    if (message == null
        || message.clickedAt != 0
        || event.time() < message.sentAt
        || (event.timed() && SCANNERS.isTooSoon(event.time() - message.sentAt))) {
      return;
    }
    message.clickedAt = event.time();
    person = person.withClick(OutcomeEvent.day(message.sentAt));
    clickedList = message.list;
    clickedAt = event.time();
    DayCounts counts = book.of(message.list, OutcomeEvent.day(event.time()));
    counts.outcomes().campaign(message.campaign, List.of()).addClicker();
    counts
        .outcomes()
        .delays()
        .add(OutcomeEvent.minute(event.time()) - OutcomeEvent.minute(message.sentAt));
    counts.outcomes().lift().addClick();
  }

  private void convert(OutcomeEvent event, Book book) {
    person = person.withConversion(OutcomeEvent.day(event.time()));
    for (FollowedMessage message : open) {
      message.revenueMicros += event.micros();
      message.converted |= event.micros() > 0;
    }
    if (clickedList != null && event.time() - clickedAt < FollowedMessage.MARGIN_MILLIS) {
      book.of(clickedList, OutcomeEvent.day(event.time()))
          .outcomes()
          .lift()
          .addCredit(event.micros());
    }
  }

  private void optOut(OutcomeEvent event, Book book) {
    FollowedMessage cause = event.message() == 0 ? null : find(event.message());
    for (int i = open.size() - 1; cause == null && i >= 0; i--) {
      String list = open.get(i).list;
      if (event.scope() == null || event.scope().equals(ALL) || event.scope().equals(list)) {
        cause = open.get(i);
      }
    }
    if (cause == null
        || cause.leftAt != 0
        || event.time() < cause.sentAt
        || event.time() - cause.sentAt > FollowedMessage.OPT_OUT_MILLIS) {
      return;
    }
    cause.leftAt = event.time();
    book.of(cause.list, OutcomeEvent.day(event.time()))
        .outcomes()
        .campaign(cause.campaign, List.of())
        .addOptOut();
  }

  private FollowedMessage find(long message) {
    for (FollowedMessage each : open) {
      if (each.id == message) {
        return each;
      }
    }
    return null;
  }

  /** Counts clicks and opt-outs, and later money; then the message has had its time. */
  private void mature(FollowedMessage message, Book book) {
    int sentDay = OutcomeEvent.day(message.sentAt);
    DayCounts counts = book.of(message.list, OutcomeEvent.day(message.due()));
    if (!message.matured) {
      message.matured = true;
      var cells = counts.outcomes().cells(message.campaign, sentDay);
      message.countMessage(cells);
      boolean clicked =
          message.clickedAt != 0
              && message.clickedAt - message.sentAt <= FollowedMessage.CLICK_MILLIS;
      message.count(cells, Measure.CLICKERS, clicked ? 1 : 0);
      message.count(cells, Measure.OPT_OUTS, message.leftAt != 0 ? 1 : 0);
      return;
    }
    var cells = counts.outcomes().marginCells(sentDay);
    message.count(cells, Measure.CONVERTERS, message.converted ? 1 : 0);
    message.count(cells, Measure.MARGIN_MICROS, message.revenueMicros);
    open.remove(message);
  }

  /** The compact form: version, person, what waits, open messages and ids. */
  public byte[] write() {
    StateWriter out = new StateWriter();
    out.writeByte(FORMAT);
    person.write(out);
    out.writeInstant(timer);
    out.writeBoolean(news);
    out.writeShared(clickedList);
    out.writeInstant(clickedAt);
    out.writeCount(pending);
    pending.forEach(event -> event.write(out));
    out.writeCount(open);
    open.forEach(message -> message.write(out));
    out.writeUnsigned(seen.size());
    seen.forEach(
        (id, time) -> {
          out.writeLong(id);
          out.writeInstant(time);
        });
    return out.toByteArray();
  }

  /**
   * Reads the compact form; null is a recipient of whom nothing is known.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public static FollowedPerson read(byte[] bytes) throws BinaryException {
    return bytes == null
        ? new FollowedPerson()
        : BinaryReader.whole(new StateReader(bytes), FollowedPerson::person);
  }

  private static FollowedPerson person(StateReader in) throws BinaryException {
    in.expectFormat("a followed person", FORMAT);
    FollowedPerson followed = new FollowedPerson();
    followed.person = PersonState.read(in);
    followed.timer = in.readInstant();
    followed.news = in.readBoolean();
    followed.clickedList = in.readNullableShared();
    followed.clickedAt = in.readInstant();
    for (int left = in.readCount(); left > 0; left--) {
      followed.pending.add(OutcomeEvent.read(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      followed.open.add(FollowedMessage.read(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      followed.seen.put(in.readLong(), in.readInstant());
    }
    return followed;
  }
}
