package io.heed.core.attribution;

import io.heed.core.model.ConversionKind;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The compact form of a {@link History}. Format 1: version, head, the distinct texts, then
 * touchpoints, conversions and exposures; numbers in base 128, instants as differences from the one
 * before, ids of messages and touches as 64-bit hashes.
 */
public final class HistoryCodec {
  private static final int FORMAT = 1;
  private static final ConversionKind[] KINDS = ConversionKind.values();

  private static final int MESSAGE = 1;
  private static final int SENT = 2;
  private static final int SEEN = 4;
  private static final int PLAIN_CLICK = 8;
  private static final int AGENT_CLICKS = 16;
  private static final int CAMPAIGN = 32;
  private static final int VARIANT = 64;
  private static final int EXPERIMENT = 128;

  private HistoryCodec() {}

  /** The compact form. */
  public static byte[] write(History history) {
    Writer body = new Writer(history);
    Writer head = new Writer(history);
    head.put(FORMAT);
    head.unsigned(history.seq);
    head.unsigned(history.closedDay);
    head.signed(history.timer() == History.NONE ? -1 : history.timer());
    head.unsigned(history.folded);
    body.touchpoints();
    body.conversions();
    body.exposures();
    head.unsigned(body.texts.size());
    body.texts.forEach(head::text);
    return head.followedBy(body);
  }

  /**
   * Reads the compact form.
   *
   * @throws IllegalStateException if it is of a format that is not known here, or broken
   */
  public static History read(byte[] bytes) {
    if (bytes[0] != FORMAT) {
      throw new IllegalStateException("history has unknown format " + bytes[0]);
    }
    try {
      return new Reader(bytes).history();
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalStateException("history is broken", e);
    }
  }

  private static final class Writer {
    private final History history;
    private final List<String> texts = new ArrayList<>();
    private byte[] bytes = new byte[256];
    private int length;
    private long lastInstant;

    Writer(History history) {
      this.history = history;
    }

    void touchpoints() {
      unsigned(history.touchpoints.size());
      for (Touchpoint t : history.touchpoints) {
        put(
            flag(MESSAGE, t.message)
                | flag(SENT, t.sentAt != Touchpoint.NEVER)
                | flag(SEEN, t.seenAt != Touchpoint.NEVER)
                | flag(PLAIN_CLICK, t.plainClickAt != Touchpoint.NEVER)
                | flag(AGENT_CLICKS, t.agentClicks.length > 0)
                | flag(CAMPAIGN, t.campaignId != null)
                | flag(VARIANT, t.variantId != null)
                | flag(EXPERIMENT, t.experimentId != null));
        for (int shift = 56; shift >= 0; shift -= 8) {
          put((int) (t.id >>> shift));
        }
        if (!t.message) {
          reference(t.channel);
        }
        for (long time : new long[] {t.sentAt, t.seenAt, t.plainClickAt}) {
          if (time != Touchpoint.NEVER) {
            instant(time);
          }
        }
        if (t.agentClicks.length > 0) {
          unsigned(t.agentClicks.length);
          Arrays.stream(t.agentClicks).forEach(this::instant);
        }
        for (String text : Arrays.asList(t.campaignId, t.variantId, t.experimentId)) {
          if (text != null) {
            reference(text);
          }
        }
      }
    }

    void conversions() {
      unsigned(history.conversions.size());
      for (Converted c : history.conversions) {
        put(c.kind().ordinal());
        text(c.id());
        instant(c.time());
        unsigned(c.revenueMicros());
        put(flag(1, c.originalId() != null));
        if (c.originalId() != null) {
          text(c.originalId());
        }
        unsigned(Integer.toUnsignedLong(c.stamp()));
      }
    }

    void exposures() {
      unsigned(history.exposures.size());
      for (ExperimentExposure e : history.exposures) {
        reference(e.experimentId());
        reference(e.variantId());
        unsigned(e.epoch());
        instant(e.time());
        put(flag(1, e.holdout()));
        instant(e.lastTime());
      }
    }

    byte[] followedBy(Writer other) {
      byte[] all = Arrays.copyOf(bytes, length + other.length);
      System.arraycopy(other.bytes, 0, all, length, other.length);
      return all;
    }

    private void reference(String text) {
      int index = texts.indexOf(text);
      if (index < 0) {
        index = texts.size();
        texts.add(text);
      }
      unsigned(index);
    }

    private void instant(long time) {
      signed(time - lastInstant);
      lastInstant = time;
    }

    private void text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      unsigned(utf8.length);
      reserve(utf8.length);
      System.arraycopy(utf8, 0, bytes, length, utf8.length);
      length += utf8.length;
    }

    private void signed(long value) {
      unsigned((value << 1) ^ (value >> 63));
    }

    private void unsigned(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        put((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      put((int) rest);
    }

    private void put(int value) {
      reserve(1);
      bytes[length++] = (byte) value;
    }

    private void reserve(int more) {
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
      }
    }

    private static int flag(int bit, boolean set) {
      return set ? bit : 0;
    }
  }

  private static final class Reader {
    private final ByteBuffer in;
    private final History history = new History();
    private String[] texts;
    private long lastInstant;

    Reader(byte[] bytes) {
      in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    }

    History history() {
      history.seq = unsigned();
      history.closedDay = (int) unsigned();
      long timer = signed();
      history.timer(timer < 0 ? History.NONE : timer);
      history.folded = unsigned();
      texts = new String[(int) unsigned()];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = text();
      }
      for (long left = unsigned(); left > 0; left--) {
        history.touchpoints.add(touchpoint());
      }
      for (long left = unsigned(); left > 0; left--) {
        history.conversions.add(conversion());
      }
      for (long left = unsigned(); left > 0; left--) {
        history.exposures.add(
            new ExperimentExposure(
                reference(), reference(), (int) unsigned(), instant(), in.get() != 0, instant()));
      }
      return history;
    }

    private Touchpoint touchpoint() {
      int flags = in.get();
      Touchpoint t = new Touchpoint((flags & MESSAGE) != 0, in.getLong());
      t.channel = t.message ? PathTouch.SMS : reference();
      t.sentAt = (flags & SENT) != 0 ? instant() : Touchpoint.NEVER;
      t.seenAt = (flags & SEEN) != 0 ? instant() : Touchpoint.NEVER;
      t.plainClickAt = (flags & PLAIN_CLICK) != 0 ? instant() : Touchpoint.NEVER;
      if ((flags & AGENT_CLICKS) != 0) {
        t.agentClicks = new long[(int) unsigned()];
        Arrays.setAll(t.agentClicks, i -> instant());
      }
      t.campaignId = (flags & CAMPAIGN) != 0 ? reference() : null;
      t.variantId = (flags & VARIANT) != 0 ? reference() : null;
      t.experimentId = (flags & EXPERIMENT) != 0 ? reference() : null;
      return t;
    }

    private Converted conversion() {
      ConversionKind kind = KINDS[in.get()];
      String id = text();
      long time = instant();
      long revenueMicros = unsigned();
      String originalId = in.get() != 0 ? text() : null;
      return new Converted(id, kind, time, revenueMicros, originalId, (int) unsigned());
    }

    private String reference() {
      return texts[(int) unsigned()];
    }

    private long instant() {
      lastInstant += signed();
      return lastInstant;
    }

    private String text() {
      int size = (int) unsigned();
      String text = new String(in.array(), in.position(), size, StandardCharsets.UTF_8);
      in.position(in.position() + size);
      return text;
    }

    private long signed() {
      long value = unsigned();
      return (value >>> 1) ^ -(value & 1);
    }

    private long unsigned() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = in.get();
        value |= (next & 0x7fL) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }
}
