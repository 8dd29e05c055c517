package io.heed.core.listhealth;

import io.heed.core.listhealth.Fact.Kind;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;

/** Takes from an event what list health counts. Not safe for concurrent use. */
public final class FactReader {
  /** Flag of a click: the user agent is a link scanner's. */
  static final int SCANNER = 1;

  /** Flag of a click: it has a user agent. */
  static final int HAS_AGENT = 2;

  /** Flag of a reply: it revokes consent. */
  static final int REVOKES = 1;

  /** Flag of an opt-out: it is a complaint. */
  static final int COMPLAINT = 1;

  /** Detail of a receipt: the error class lies above the status. */
  static final int ERROR_CLASS_SHIFT = 4;

  private final ReplyRecogniser replies = ReplyRecogniser.standard();
  private final LinkScanners scanners = LinkScanners.standard();
  private final DeliveryErrors errors = DeliveryErrors.standard();

  /** The event's fact; null if it changes no count. */
  public Fact read(Event event) {
    if (event instanceof Send send) {
      return new Fact(
          Kind.SEND,
          IdHash.hash(send.recipientId()),
          0,
          send.eventTime(),
          IdHash.hash(send.messageId()),
          send.listId(),
          send.campaignId(),
          orEmpty(send.carrier()),
          send.costMicros(),
          0);
    }
    if (event instanceof Delivery delivery) {
      return delivery.status().compareTo(DeliveryStatus.UNKNOWN) < 0 ? null : receipt(delivery);
    }
    if (event instanceof Click click) {
      // A visit that no message caused is an outcome of experiments only.
      return click.messageId() == null
          ? null
          : outcome(Kind.CLICK, event, click.messageId(), "", clickFlags(click));
    }
    if (event instanceof Reply reply) {
      int flags = replies.recognise(reply.body()).revokes() ? REVOKES : 0;
      return outcome(Kind.REPLY, event, reply.messageId(), "", flags);
    }
    if (event instanceof OptOut optOut) {
      int flags = optOut.method() == OptOutMethod.COMPLAINT ? COMPLAINT : 0;
      return outcome(Kind.OPT_OUT, event, optOut.messageId(), optOut.scope(), flags);
    }
    if (event instanceof OptIn optIn) {
      return outcome(Kind.OPT_IN, event, null, optIn.scope(), 0);
    }
    if (event instanceof Conversion conversion && conversion.kind() != ConversionKind.REFUND) {
      return outcome(Kind.CONVERSION, event, null, "", 0);
    }
    return null;
  }

  private Fact receipt(Delivery delivery) {
    int errorClass = errors.classOf(delivery).ordinal();
    return new Fact(
        Kind.RECEIPT,
        IdHash.hash(delivery.recipientId()),
        0,
        delivery.eventTime(),
        IdHash.hash(delivery.messageId()),
        "",
        "",
        orEmpty(delivery.carrier()),
        0,
        delivery.status().ordinal() | errorClass << ERROR_CLASS_SHIFT);
  }

  private int clickFlags(Click click) {
    return (scanners.isScanner(click) ? SCANNER : 0)
        | (LinkScanners.hasAgent(click) ? HAS_AGENT : 0);
  }

  private static Fact outcome(Kind kind, Event event, String messageId, String scope, int detail) {
    return new Fact(
        kind,
        IdHash.hash(event.recipientId()),
        IdHash.hash(event.eventId()),
        event.eventTime(),
        messageId == null ? 0 : IdHash.hash(messageId),
        scope,
        "",
        "",
        0,
        detail);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
