package io.heed.core.signals;

import io.heed.core.codec.Hash64;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Signal;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.ErrorClass;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.core.signals.Response.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What one recipient got and did, as far as signals need it: sets and smallest instants, so that it
 * is the same in whatever order events come, and an event that comes twice changes nothing. A
 * working copy; {@link EngagementCodec} gives and takes its compact form.
 *
 * <p>Bounded: of more than {@value #MESSAGES_KEPT} messages or {@value #RESPONSES_KEPT} responses
 * the oldest is evicted by its own time.
 */
public final class Engagement {
  static final int MESSAGES_KEPT = 256;
  static final int RESPONSES_KEPT = 256;

  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
  private static final DeliveryErrors ERRORS = DeliveryErrors.standard();
  private static final LinkScanners SCANNERS = LinkScanners.standard();
  private static final ReplyRecogniser REPLIES = ReplyRecogniser.standard();
  private static final Comparator<Texted> OLDEST =
      Comparator.comparingLong(Texted::lastTime).thenComparingLong(message -> message.id);

  final List<Texted> messages = new ArrayList<>();

  /** Visits, replies and conversions in order; clicks on messages belong to those. */
  final List<Response> responses = new ArrayList<>();

  /** Until when each signal that was published as SET holds. */
  final Map<Signal, Long> published = new EnumMap<>(Signal.class);

  /** What the messages of before, those that have expired included, say about the person. */
  PersonState person = PersonState.NEW;

  /** Version of the record published last. */
  long lastSeq;

  private long timer;
  private boolean news;

  /** When the timer of this recipient is due, epoch milliseconds; 0 for none. */
  public long timer() {
    return timer;
  }

  void timer(long instant) {
    timer = instant;
  }

  /** Whether something came in that the timer has not evaluated yet. */
  public boolean hasNews() {
    return news;
  }

  void news(boolean isNew) {
    news = isNew;
  }

  /** Whether nothing is left that could change a signal. */
  public boolean isEmpty() {
    return messages.isEmpty() && responses.isEmpty() && published.isEmpty();
  }

  /** Adds what an event states; returns whether anything is new by it. */
  boolean add(Event event) {
    if (event instanceof Send send) {
      return message(send.messageId()).sent(send.eventTime(), send.category(), send.listId());
    }
    if (event instanceof Delivery delivery) {
      return add(delivery);
    }
    if (event instanceof Click click) {
      return add(click);
    }
    if (event instanceof Reply reply) {
      return !REPLIES.recognise(reply.body()).revokes() && respond(Kind.REPLY, reply.eventTime());
    }
    return event instanceof Conversion conversion
        && conversion.kind() != ConversionKind.REFUND
        && respond(
            conversion.kind() == ConversionKind.PURCHASE ? Kind.PURCHASE : Kind.LEAD,
            conversion.eventTime());
  }

  /** Receipts below UNKNOWN change no signal. */
  private boolean add(Delivery delivery) {
    if (delivery.status().compareTo(DeliveryStatus.UNKNOWN) <= 0) {
      return false;
    }
    Texted message = message(delivery.messageId());
    long at = delivery.eventTime();
    if (delivery.status().isDelivered()) {
      boolean earlier = at < message.deliveredAt;
      message.deliveredAt = Math.min(message.deliveredAt, at);
      return earlier;
    }
    boolean earlier = at < message.failedAt;
    message.failedAt = Math.min(message.failedAt, at);
    if (ERRORS.classOf(delivery) == ErrorClass.INVALID_NUMBER && at < message.invalidAt) {
      message.invalidAt = at;
      return true;
    }
    return earlier;
  }

  private boolean add(Click click) {
    if (SCANNERS.isScanner(click)) {
      return false;
    }
    if (click.messageId() == null) {
      return respond(Kind.VISIT, click.eventTime());
    }
    Texted message = message(click.messageId());
    if (LinkScanners.hasAgent(click)) {
      return message.addAgentClick(click.eventTime());
    }
    boolean earlier = click.eventTime() < message.plainClickAt;
    message.plainClickAt = Math.min(message.plainClickAt, click.eventTime());
    return earlier;
  }

  private boolean respond(Kind kind, long time) {
    Response response = new Response(kind, time);
    int place = Collections.binarySearch(responses, response);
    if (place >= 0) {
      return false;
    }
    responses.add(-place - 1, response);
    return true;
  }

  private Texted message(String messageId) {
    long id = Hash64.of(messageId);
    // The newest are looked up most often.
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).id == id) {
        return messages.get(i);
      }
    }
    Texted message = new Texted(id);
    messages.add(message);
    return message;
  }

  /** Counts promotional messages and first clicks until an instant, each once. */
  void count(long until) {
    for (Texted message : messages) {
      if (message.category != Category.PROMOTIONAL || message.sentAt > until) {
        continue;
      }
      int day = (int) Math.floorDiv(message.sentAt, DAY_MILLIS);
      if (!message.counted) {
        message.counted = true;
        person = person.withMessage(day, PersonState.NOMINAL_CLICKS);
      }
      if (!message.clickCounted && message.clickedAt(until) != Texted.NEVER) {
        message.clickCounted = true;
        person = person.withClick(day);
      }
    }
  }

  /** Evicts what is too much; returns how many facts went. */
  int evict() {
    int before = messages.size() + responses.size();
    while (messages.size() > MESSAGES_KEPT) {
      messages.remove(Collections.min(messages, OLDEST));
    }
    if (responses.size() > RESPONSES_KEPT) {
      responses.subList(0, responses.size() - RESPONSES_KEPT).clear();
    }
    return before - messages.size() - responses.size();
  }

  /** Expires what happened at an instant or before. */
  void expire(long until) {
    messages.removeIf(message -> message.lastTime() <= until);
    responses.removeIf(response -> response.time() <= until);
  }
}
