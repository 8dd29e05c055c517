package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.model.Event;
import io.heed.core.model.SendVerdict;
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
 * messages, {@value #DRAWN_KEPT} drawn days and {@value #SEEN_KEPT} ids the oldest is applied,
 * counted or evicted at once.
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
  static final int DRAWN_KEPT = 32;
  static final int SEEN_KEPT = 1_024;

  /** Steps of event time in which events are applied. */
  public static final long STEP_MILLIS = Duration.ofMinutes(10).toMillis();

  /** Days without an event after which a person is new again. */
  static final int KEPT_DAYS = 400;

  private static final int FORMAT = 1;
  private static final int ARMS_KEPT = 16;

  private record Arm(boolean optimised, boolean left) {}

  private static final String ALL = "*";
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final LinkScanners SCANNERS = LinkScanners.standard();
  private static final Comparator<FollowedMessage> BY_TIME =
      Comparator.<FollowedMessage>comparingLong(each -> each.sentAt)
          .thenComparingLong(each -> each.id);

  private PersonState person = PersonState.NEW;
  private final List<OutcomeEvent> pending = new ArrayList<>();
  private final List<FollowedMessage> open = new ArrayList<>();

  /** Days on which chance decided, in the order of their instants. */
  private final List<DrawnDay> drawn = new ArrayList<>();

  /** Arm of the optimizer's comparison by list: whether optimised, and whether the person left. */
  private final TreeMap<String, Arm> arms = new TreeMap<>();

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
    return add(OutcomeEvent.of(event), watermark, book, early);
  }

  /** Adds a verdict, which waits in the same way; returns whether it is new and of use. */
  public boolean add(SendVerdict verdict, long watermark, Book book) {
    return add(OutcomeEvent.of(verdict), watermark, book, none -> {});
  }

  private boolean add(OutcomeEvent fact, long watermark, Book book, Consumer<CampaignFact> early) {
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
      long messageDue = message == null ? Long.MAX_VALUE : message.due();
      long dayDue = drawn.isEmpty() ? Long.MAX_VALUE : drawn.get(0).due();
      long due = Math.min(messageDue, dayDue);
      if (!pending.isEmpty() && pending.get(0).time() <= Math.min(now, due)) {
        apply(pending.remove(0), book);
      } else if (messageDue <= Math.min(now, dayDue)) {
        mature(message, book);
      } else if (dayDue <= now) {
        mature(drawn.remove(0), book);
      } else {
        break;
      }
    }
    seen.values().removeIf(time -> time <= now - horizonMillis);
    long next = pending.isEmpty() ? Long.MAX_VALUE : pending.get(0).time();
    for (FollowedMessage message : open) {
      next = Math.min(next, message.due());
    }
    for (DrawnDay day : drawn) {
      next = Math.min(next, day.due());
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
      case DRAWN -> draw(event, book);
      case SEND -> send(event, book);
      case CLICK -> click(event, book);
      case CONVERSION -> convert(event, book);
      case OPT_OUT -> {
        leave(event, book);
        optOut(event, book);
      }
      case ENTERED -> enter(event, book);
    }
  }

  private void enter(OutcomeEvent event, Book book) {
    if (arms.containsKey(event.scope()) || arms.size() >= ARMS_KEPT) {
      return;
    }
    boolean optimised = event.micros() > 0;
    arms.put(event.scope(), new Arm(optimised, false));
    book.of(event.scope(), OutcomeEvent.day(event.time())).arms().enter(optimised);
  }

  /** Counts a person who leaves a list once; a reply leaves the list of its message, or all. */
  private void leave(OutcomeEvent event, Book book) {
    FollowedMessage answered = event.message() == 0 ? null : find(event.message());
    String scope = event.scope() == null && answered != null ? answered.list : event.scope();
    for (Map.Entry<String, Arm> arm : arms.entrySet()) {
      boolean concerned = scope == null || scope.equals(ALL) || scope.equals(arm.getKey());
      if (concerned && !arm.getValue().left()) {
        boolean optimised = arm.getValue().optimised();
        arm.setValue(new Arm(optimised, true));
        book.of(arm.getKey(), OutcomeEvent.day(event.time())).arms().leave(optimised);
      }
    }
  }

  private void draw(OutcomeEvent event, Book book) {
    if (drawn.stream().anyMatch(day -> day.isOf(event.scope(), event.time()))) {
      return;
    }
    drawn.add(new DrawnDay(event.scope(), event.time(), event.micros() > 0));
    drawn.sort(Comparator.comparingLong((DrawnDay day) -> day.time).thenComparing(day -> day.list));
    while (drawn.size() > DRAWN_KEPT) {
      mature(drawn.remove(0), book);
    }
  }

  private static void mature(DrawnDay day, Book book) {
    book.of(day.list, OutcomeEvent.day(day.due()))
        .outcomes()
        .lift()
        .addUnit(day.sent, day.clicks, day.revenueMicros);
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
    for (DrawnDay day : drawn) {
      if (day.list.equals(message.list) && message.sentAt >= day.time && day.holds(event.time())) {
        day.clicks++;
      }
    }
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
    for (DrawnDay day : drawn) {
      if (day.holds(event.time())) {
        day.revenueMicros += event.micros();
      }
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
    out.writeUnsigned(arms.size());
    arms.forEach(
        (list, arm) -> {
          out.writeShared(list);
          out.writeByte((arm.optimised() ? 1 : 0) | (arm.left() ? 2 : 0));
        });
    out.writeCount(drawn);
    drawn.forEach(day -> day.write(out));
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
      String list = in.readShared();
      int bits = in.readUnsignedByte();
      followed.arms.put(list, new Arm((bits & 1) != 0, (bits & 2) != 0));
    }
    for (int left = in.readCount(); left > 0; left--) {
      followed.drawn.add(DrawnDay.read(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      followed.seen.put(in.readLong(), in.readInstant());
    }
    return followed;
  }
}
