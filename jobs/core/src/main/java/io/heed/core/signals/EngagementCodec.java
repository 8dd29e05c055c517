package io.heed.core.signals;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.model.Category;
import io.heed.core.model.Signal;
import io.heed.core.optimizer.PersonState;
import io.heed.core.signals.Response.Kind;

/**
 * The compact form of an {@link Engagement}. Format 1: version, head, messages, responses and
 * published signals; some 20 bytes a message and its list, 5 a response, 32 what is known of the
 * person.
 */
public final class EngagementCodec {
  private static final int FORMAT = 1;
  private static final Kind[] KINDS = Kind.values();
  private static final Signal[] SIGNALS = Signal.values();
  private static final Category[] CATEGORIES = Category.values();

  // Bits of a message's head, the rare ones last; bits 0 and 1 are the category of one that was
  // sent.
  private static final int SENT = 1 << 2;
  private static final int DELIVERED = 1 << 3;
  private static final int FAILED = 1 << 4;
  private static final int INVALID = 1 << 5;
  private static final int PLAIN_CLICK = 1 << 6;
  private static final int AGENT_CLICKS = 1 << 7;
  private static final int NOT_COUNTED = 1 << 8;
  private static final int CLICK_COUNTED = 1 << 9;

  private EngagementCodec() {}

  /** The compact form. */
  public static byte[] write(Engagement engagement) {
    StateWriter out = new StateWriter();
    out.writeByte(FORMAT);
    out.writeUnsigned(engagement.lastSeq);
    out.writeInstant(engagement.timer());
    out.writeBoolean(engagement.hasNews());
    engagement.person.write(out);
    out.writeCount(engagement.messages);
    engagement.messages.forEach(message -> write(message, out));
    out.writeCount(engagement.responses);
    for (Response response : engagement.responses) {
      out.writeByte(response.kind().ordinal());
      out.writeInstant(response.time());
    }
    out.writeUnsigned(engagement.published.size());
    engagement.published.forEach(
        (signal, validUntil) -> {
          out.writeByte(signal.ordinal());
          out.writeInstant(validUntil);
        });
    return out.toByteArray();
  }

  private static void write(Texted message, StateWriter out) {
    boolean sent = message.category != null;
    out.writeUnsigned(
        (sent ? SENT | message.category.ordinal() : 0)
            | flag(DELIVERED, message.deliveredAt)
            | flag(FAILED, message.failedAt)
            | flag(INVALID, message.invalidAt)
            | flag(PLAIN_CLICK, message.plainClickAt)
            | (message.agentClicks.length > 0 ? AGENT_CLICKS : 0)
            | (message.counted ? 0 : NOT_COUNTED)
            | (message.clickCounted ? CLICK_COUNTED : 0));
    out.writeLong(message.id);
    if (sent) {
      out.writeInstant(message.sentAt);
      out.writeShared(message.list);
    }
    long[] rest = {
      message.deliveredAt, message.failedAt, message.invalidAt, message.plainClickAt,
    };
    for (long instant : rest) {
      if (instant != Texted.NEVER) {
        out.writeInstant(instant);
      }
    }
    if (message.agentClicks.length > 0) {
      out.writeUnsigned(message.agentClicks.length);
      for (long click : message.agentClicks) {
        out.writeInstant(click);
      }
    }
  }

  private static int flag(int bit, long instant) {
    return instant == Texted.NEVER ? 0 : bit;
  }

  /**
   * Reads the compact form.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public static Engagement read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new StateReader(bytes), EngagementCodec::engagement);
  }

  private static Engagement engagement(StateReader in) throws BinaryException {
    in.expectFormat("a recipient's engagement", FORMAT);
    Engagement engagement = new Engagement();
    engagement.lastSeq = in.readUnsigned();
    engagement.timer(in.readInstant());
    engagement.news(in.readBoolean());
    engagement.person = PersonState.read(in);
    for (int left = in.readCount(); left > 0; left--) {
      engagement.messages.add(message(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      engagement.responses.add(new Response(in.readConstant(KINDS), in.readInstant()));
    }
    for (int left = in.readCount(); left > 0; left--) {
      engagement.published.put(in.readConstant(SIGNALS), in.readInstant());
    }
    return engagement;
  }

  private static Texted message(StateReader in) throws BinaryException {
    int bits = in.readUnsignedInt();
    Texted message = new Texted(in.readLong());
    if ((bits & SENT) != 0) {
      message.category = BinaryReader.constant(CATEGORIES, bits & 3);
      message.sentAt = in.readInstant();
      message.list = in.readShared();
    }
    message.counted = (bits & NOT_COUNTED) == 0;
    message.clickCounted = (bits & CLICK_COUNTED) != 0;
    message.deliveredAt = instant(in, bits & DELIVERED);
    message.failedAt = instant(in, bits & FAILED);
    message.invalidAt = instant(in, bits & INVALID);
    message.plainClickAt = instant(in, bits & PLAIN_CLICK);
    if ((bits & AGENT_CLICKS) != 0) {
      message.agentClicks = new long[in.readCount()];
      for (int i = 0; i < message.agentClicks.length; i++) {
        message.agentClicks[i] = in.readInstant();
      }
    }
    return message;
  }

  private static long instant(StateReader in, int present) throws BinaryException {
    return present == 0 ? Texted.NEVER : in.readInstant();
  }
}
