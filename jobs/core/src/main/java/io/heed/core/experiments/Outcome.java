package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import java.util.Comparator;

/**
 * What a recipient did, as much of it as experiments need.
 *
 * @param kind what it was
 * @param time when, epoch milliseconds
 * @param id of a conversion, since each has an amount of its own; 0 where only "whether" counts
 * @param micros amount of a conversion
 */
record Outcome(Kind kind, long time, long id, long micros) {
  static final Comparator<Outcome> ORDER =
      Comparator.comparingLong(Outcome::time)
          .thenComparing(Outcome::kind)
          .thenComparingLong(Outcome::id)
          .thenComparingLong(Outcome::micros);

  /** Kinds; their order is part of the binary form. */
  enum Kind {
    /** A message to the recipient: identifies clicks that came too soon for a person. */
    SEND,
    /** A click with a user agent, so that its time is evidence, too. */
    CLICK_WITH_AGENT,
    /** A click without one. */
    CLICK,
    REPLY,
    /** A reply that revokes. */
    REPLY_OPT_OUT,
    OPT_OUT,
    COMPLAINT,
    DELIVERED,
    LEAD,
    QUALIFIED,
    PURCHASE,
    REFUND;

    private static final Kind[] ALL = values();

    static Kind of(ConversionKind kind) {
      return switch (kind) {
        case LEAD -> LEAD;
        case QUALIFIED -> QUALIFIED;
        case PURCHASE -> PURCHASE;
        case REFUND -> REFUND;
      };
    }

    boolean isConversion() {
      return ordinal() >= LEAD.ordinal();
    }

    /** The kind of conversion, of the kinds that are conversions. */
    ConversionKind conversion() {
      return switch (this) {
        case LEAD -> ConversionKind.LEAD;
        case QUALIFIED -> ConversionKind.QUALIFIED;
        case PURCHASE -> ConversionKind.PURCHASE;
        case REFUND -> ConversionKind.REFUND;
        default -> throw new IllegalStateException(this + " is no conversion");
      };
    }
  }

  /** The outcome in an event; null if experiments do not count it. */
  static Outcome of(Event event, ReplyRecogniser recogniser) {
    if (event instanceof Send) {
      return of(Kind.SEND, event);
    }
    if (event instanceof Delivery delivery) {
      return delivery.status().isDelivered() ? of(Kind.DELIVERED, event) : null;
    }
    if (event instanceof Click click) {
      if (LinkScanners.standard().isScanner(click)) {
        return null;
      }
      return of(LinkScanners.hasAgent(click) ? Kind.CLICK_WITH_AGENT : Kind.CLICK, event);
    }
    if (event instanceof Reply reply) {
      boolean revokes = recogniser.recognise(reply.body()).revokes();
      return of(revokes ? Kind.REPLY_OPT_OUT : Kind.REPLY, event);
    }
    if (event instanceof OptOut optOut) {
      boolean complaint = optOut.method() == OptOutMethod.COMPLAINT;
      return of(complaint ? Kind.COMPLAINT : Kind.OPT_OUT, event);
    }
    if (event instanceof Conversion conversion) {
      return new Outcome(
          Kind.of(conversion.kind()),
          conversion.eventTime(),
          // One id of a CRM goes through several kinds, each of which counts.
          Hashing.hash64(conversion.kind() + "|" + conversion.conversionId()),
          conversion.revenueMicros());
    }
    return null;
  }

  private static Outcome of(Kind kind, Event event) {
    return new Outcome(kind, event.eventTime(), 0, 0);
  }

  /** Whether it is a click that came sooner after a message than a person can read and tap. */
  boolean isTooSoonAfter(Outcome send) {
    return kind == Kind.CLICK_WITH_AGENT
        && send.kind == Kind.SEND
        && LinkScanners.standard().isTooSoon(time - send.time);
  }

  void write(BinaryWriter out, long after) {
    out.writeByte(kind.ordinal());
    out.writeSigned(time - after);
    if (kind.isConversion()) {
      out.writeLong(id);
      out.writeSigned(micros);
    }
  }

  static Outcome read(BinaryReader in, long after) throws BinaryException {
    Kind kind = in.readConstant(Kind.ALL);
    long time = after + in.readSigned();
    return kind.isConversion()
        ? new Outcome(kind, time, in.readLong(), in.readSigned())
        : new Outcome(kind, time, 0, 0);
  }
}
