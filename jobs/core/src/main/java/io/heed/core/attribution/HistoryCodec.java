package io.heed.core.attribution;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.model.ConversionKind;
import java.util.Arrays;

/**
 * The compact form of a {@link History}. Format 1: version, head, touchpoints, conversions and
 * exposures; ids of messages and touches as 64-bit hashes.
 */
public final class HistoryCodec {
  private static final int FORMAT = 1;
  private static final ConversionKind[] KINDS = ConversionKind.values();

  private static final int MESSAGE = 1;
  private static final int SENT = 2;
  private static final int DELIVERED = 4;
  private static final int PLAIN_CLICK = 8;
  private static final int AGENT_CLICKS = 16;
  private static final int CAMPAIGN = 32;
  private static final int VARIANT = 64;
  private static final int EXPERIMENT = 128;
  private static final int COST = 256;

  private HistoryCodec() {}

  /** The compact form. */
  public static byte[] write(History history) {
    StateWriter out = new StateWriter();
    out.writeByte(FORMAT);
    out.writeUnsigned(history.seq);
    out.writeUnsigned(history.closedDay);
    out.writeSigned(history.timer() == History.NONE ? -1 : history.timer());
    out.writeUnsigned(history.evicted);
    out.writeCount(history.touchpoints);
    history.touchpoints.forEach(touchpoint -> write(touchpoint, out));
    out.writeCount(history.conversions);
    for (Converted c : history.conversions) {
      out.writeByte(c.kind().ordinal());
      out.writeText(c.id());
      out.writeInstant(c.time());
      out.writeUnsigned(c.revenueMicros());
      out.writeNullableText(c.originalId());
      out.writeInt(c.stamp());
    }
    out.writeCount(history.exposures);
    for (ExperimentExposure e : history.exposures) {
      out.writeShared(e.experimentId());
      out.writeShared(e.variantId());
      out.writeUnsigned(e.epoch());
      out.writeInstant(e.time());
      out.writeBoolean(e.holdout());
      out.writeInstant(e.lastTime());
      out.writeUnsigned(e.subscriberMicros());
    }
    out.writeCount(history.optOuts);
    history.optOuts.forEach(out::writeInstant);
    return out.toByteArray();
  }

  private static void write(Touchpoint t, StateWriter out) {
    out.writeUnsigned(
        flag(MESSAGE, t.message)
            | flag(SENT, t.sentAt != Touchpoint.NEVER)
            | flag(DELIVERED, t.deliveredAt != Touchpoint.NEVER)
            | flag(PLAIN_CLICK, t.plainClickAt != Touchpoint.NEVER)
            | flag(AGENT_CLICKS, t.agentClicks.length > 0)
            | flag(CAMPAIGN, t.campaignId != null)
            | flag(VARIANT, t.variantId != null)
            | flag(EXPERIMENT, t.experimentId != null)
            | flag(COST, t.costMicros > 0));
    out.writeLong(t.id);
    if (!t.message) {
      out.writeShared(t.channel);
    }
    for (long time : new long[] {t.sentAt, t.deliveredAt, t.plainClickAt}) {
      if (time != Touchpoint.NEVER) {
        out.writeInstant(time);
      }
    }
    if (t.agentClicks.length > 0) {
      out.writeUnsigned(t.agentClicks.length);
      Arrays.stream(t.agentClicks).forEach(out::writeInstant);
    }
    if (t.costMicros > 0) {
      out.writeUnsigned(t.costMicros);
    }
    for (String text : Arrays.asList(t.campaignId, t.variantId, t.experimentId)) {
      if (text != null) {
        out.writeShared(text);
      }
    }
  }

  private static int flag(int bit, boolean set) {
    return set ? bit : 0;
  }

  /**
   * Reads the compact form.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public static History read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new StateReader(bytes), HistoryCodec::history);
  }

  private static History history(StateReader in) throws BinaryException {
    in.expectFormat("history", FORMAT);
    History history = new History();
    history.seq = in.readUnsigned();
    history.closedDay = in.readUnsignedInt();
    long timer = in.readSigned();
    history.timer(timer < 0 ? History.NONE : timer);
    history.evicted = in.readUnsigned();
    for (int left = in.readCount(); left > 0; left--) {
      history.touchpoints.add(touchpoint(in));
    }
    for (int left = in.readCount(); left > 0; left--) {
      ConversionKind kind = in.readConstant(KINDS);
      history.conversions.add(
          new Converted(
              in.readText(),
              kind,
              in.readInstant(),
              in.readUnsigned(),
              in.readNullableText(),
              in.readInt()));
    }
    for (int left = in.readCount(); left > 0; left--) {
      history.exposures.add(
          new ExperimentExposure(
              in.readShared(),
              in.readShared(),
              in.readUnsignedInt(),
              in.readInstant(),
              in.readBoolean(),
              in.readInstant(),
              in.readUnsigned()));
    }
    for (int left = in.readCount(); left > 0; left--) {
      history.optOuts.add(in.readInstant());
    }
    return history;
  }

  private static Touchpoint touchpoint(StateReader in) throws BinaryException {
    int flags = in.readUnsignedInt();
    Touchpoint t = new Touchpoint((flags & MESSAGE) != 0, in.readLong());
    t.channel = t.message ? PathTouch.SMS : in.readShared();
    t.sentAt = (flags & SENT) != 0 ? in.readInstant() : Touchpoint.NEVER;
    t.deliveredAt = (flags & DELIVERED) != 0 ? in.readInstant() : Touchpoint.NEVER;
    t.plainClickAt = (flags & PLAIN_CLICK) != 0 ? in.readInstant() : Touchpoint.NEVER;
    if ((flags & AGENT_CLICKS) != 0) {
      t.agentClicks = new long[in.readCount()];
      for (int i = 0; i < t.agentClicks.length; i++) {
        t.agentClicks[i] = in.readInstant();
      }
    }
    t.costMicros = (flags & COST) != 0 ? in.readUnsigned() : 0;
    t.campaignId = (flags & CAMPAIGN) != 0 ? in.readShared() : null;
    t.variantId = (flags & VARIANT) != 0 ? in.readShared() : null;
    t.experimentId = (flags & EXPERIMENT) != 0 ? in.readShared() : null;
    return t;
  }
}
