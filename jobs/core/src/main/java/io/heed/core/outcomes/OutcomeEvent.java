package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.Hash64;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.gate.Optimise;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What outcomes need of one event.
 *
 * @param kind what happened
 * @param time epoch milliseconds
 * @param id 64-bit hash by which it is known again: of the message's id for a send, of recipient
 *     and campaign for a request, of request and instant for a verdict, else of the event's id
 * @param message hash of the message's id; 0 without one
 * @param scope the list of a request or send, the scope of an opt-out; null for the message's own
 * @param campaign of a request or send; else null
 * @param tags of a request or send; else none
 * @param micros cost of a send, revenue of a conversion, negative for a refund; of a verdict 1 if
 *     the message may go, 0 if it was withheld; of an assignment 1 for the optimised, 0 for the
 *     control
 * @param timed whether the time of a click is evidence of a machine
 */
record OutcomeEvent(
    Kind kind,
    long time,
    long id,
    long message,
    String scope,
    String campaign,
    List<String> tags,
    long micros,
    boolean timed) {
  /** Kinds, in the order in which events of one instant are applied; part of the format. */
  enum Kind {
    REQUEST,
    DRAWN,
    SEND,
    CLICK,
    CONVERSION,
    OPT_OUT,
    ENTERED
  }

  static final Comparator<OutcomeEvent> ORDER =
      Comparator.comparingLong(OutcomeEvent::time)
          .thenComparing(OutcomeEvent::kind)
          .thenComparingLong(OutcomeEvent::id);

  private static final double EVEN = 0.5;
  private static final Kind[] KINDS = Kind.values();
  private static final ReplyRecogniser REPLIES = ReplyRecogniser.standard();
  private static final LinkScanners SCANNERS = LinkScanners.standard();

  /** What outcomes need of an event; null if nothing. */
  static OutcomeEvent of(Event event) {
    if (event instanceof SendRequest request && request.category() == Category.PROMOTIONAL) {
      return new OutcomeEvent(
          Kind.REQUEST,
          request.eventTime(),
          requestId(request.listId(), request.campaignId()),
          0,
          request.listId(),
          request.campaignId(),
          tags(request.tags()),
          0,
          false);
    }
    if (event instanceof Send send && send.category() == Category.PROMOTIONAL) {
      long message = Hash64.of(send.messageId());
      return new OutcomeEvent(
          Kind.SEND,
          send.eventTime(),
          message,
          message,
          send.listId(),
          send.campaignId(),
          tags(send.tags()),
          send.costMicros(),
          false);
    }
    if (event instanceof Click click && click.messageId() != null && !SCANNERS.isScanner(click)) {
      long message = Hash64.of(click.messageId());
      return of(Kind.CLICK, event, message, null, 0, LinkScanners.hasAgent(click));
    }
    if (event instanceof Conversion conversion) {
      boolean refund = conversion.kind() == ConversionKind.REFUND;
      long revenue = conversion.revenueMicros();
      return of(Kind.CONVERSION, event, 0, null, refund ? -revenue : revenue, false);
    }
    if (event instanceof OptOut optOut) {
      return of(Kind.OPT_OUT, event, hash(optOut.messageId()), optOut.scope(), 0, false);
    }
    if (event instanceof Assignment entered && Optimise.isKey(entered.experimentId())) {
      boolean optimised = entered.variantId().equals(Optimise.OPTIMISED);
      String list = Optimise.listOf(entered.experimentId());
      return of(Kind.ENTERED, event, 0, list, optimised ? 1 : 0, false);
    }
    if (event instanceof Reply reply && REPLIES.recognise(reply.body()).revokes()) {
      return of(Kind.OPT_OUT, event, hash(reply.messageId()), null, 0, false);
    }
    return null;
  }

  /**
   * A verdict in which chance decided about a message that is worth its place; null of all others.
   * The rarer of two outcomes of chance has the smaller probability.
   */
  static OutcomeEvent of(SendVerdict verdict) {
    if (verdict.propensity() == null || verdict.listId() == null) {
      return null;
    }
    boolean sent = verdict.verdict() == Verdict.ALLOW && verdict.propensity() > EVEN;
    boolean withheld =
        verdict.reasons().contains(ReasonCode.LOW_VALUE) && verdict.propensity() < EVEN;
    if (!sent && !withheld) {
      return null;
    }
    return new OutcomeEvent(
        Kind.DRAWN,
        verdict.decidedAt(),
        Hash64.of(verdict.requestId() + "|" + verdict.decidedAt()),
        0,
        verdict.listId(),
        null,
        List.of(),
        sent ? 1 : 0,
        false);
  }

  /** UTC day of an instant, days since 1970. */
  static int day(long instant) {
    return (int) Math.floorDiv(instant, 86_400_000L);
  }

  /** Minute of an instant since 1970. */
  static long minute(long instant) {
    return Math.floorDiv(instant, 60_000L);
  }

  /** By which the first request for a recipient and campaign is known again. */
  static long requestId(String list, String campaign) {
    return Hash64.of(list + "|" + campaign);
  }

  private static OutcomeEvent of(
      Kind kind, Event event, long message, String scope, long micros, boolean timed) {
    long id = Hash64.of(event.eventId());
    return new OutcomeEvent(
        kind, event.eventTime(), id, message, scope, null, List.of(), micros, timed);
  }

  private static List<String> tags(List<String> tags) {
    return tags == null ? List.of() : tags;
  }

  private static long hash(String messageId) {
    return messageId == null ? 0 : Hash64.of(messageId);
  }

  void write(StateWriter out) {
    out.writeByte(kind.ordinal());
    out.writeInstant(time);
    out.writeLong(id);
    out.writeLong(message);
    out.writeShared(scope);
    out.writeShared(campaign);
    out.writeCount(tags);
    tags.forEach(out::writeShared);
    out.writeSigned(micros);
    out.writeBoolean(timed);
  }

  static OutcomeEvent read(StateReader in) throws BinaryException {
    Kind kind = in.readConstant(KINDS);
    long time = in.readInstant();
    long id = in.readLong();
    long message = in.readLong();
    String scope = in.readNullableShared();
    String campaign = in.readNullableShared();
    List<String> tags = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      tags.add(in.readShared());
    }
    return new OutcomeEvent(
        kind, time, id, message, scope, campaign, tags, in.readSigned(), in.readBoolean());
  }
}
