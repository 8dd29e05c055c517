package io.heed.core.attribution;

import io.heed.core.codec.Hash64;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Optimise;
import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Touch;
import io.heed.core.rules.LinkScanners;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What is kept of one recipient: the whole state of attribution, which every row is derived from. A
 * working copy; {@link HistoryCodec} gives and takes its compact form.
 */
public final class History {
  /** No timer. */
  public static final long NONE = Long.MAX_VALUE;

  final List<Touchpoint> touchpoints = new ArrayList<>();
  final List<Converted> conversions = new ArrayList<>();
  final List<ExperimentExposure> exposures = new ArrayList<>();

  /** Instants of opt-outs. */
  final TreeSet<Long> optOuts = new TreeSet<>();

  /** Version of the rows written last. */
  long seq;

  /** The last day whose paths and units were handed on; 0 before the first. */
  int closedDay;

  /** Touches and conversions that had to go before their time, or found no place in a path. */
  long evicted;

  private long timer = NONE;

  /** When the timer of this recipient is due, or {@link #NONE}. */
  public long timer() {
    return timer;
  }

  void timer(long instant) {
    timer = instant;
  }

  /** Touches and conversions that had to go before their time, or found no place in a path. */
  public long evicted() {
    return evicted;
  }

  /** Whether nothing is left. */
  public boolean isEmpty() {
    return touchpoints.isEmpty()
        && conversions.isEmpty()
        && exposures.isEmpty()
        && optOuts.isEmpty();
  }

  Touchpoint touchpoint(boolean message, long id) {
    // The newest are looked up most often.
    for (int i = touchpoints.size() - 1; i >= 0; i--) {
      Touchpoint touchpoint = touchpoints.get(i);
      if (touchpoint.id == id && touchpoint.message == message) {
        return touchpoint;
      }
    }
    return null;
  }

  Touchpoint orAdd(boolean message, long id) {
    Touchpoint known = touchpoint(message, id);
    if (known == null) {
      known = new Touchpoint(message, id);
      touchpoints.add(known);
    }
    return known;
  }

  long newestConversion() {
    long newest = Long.MIN_VALUE;
    for (Converted conversion : conversions) {
      newest = Math.max(newest, conversion.time());
    }
    return newest;
  }

  /**
   * Adds what an event states.
   *
   * @param programme the programme's hold-out that held then, or null
   * @param costs whether costs of messages are kept
   * @return whether anything is new by it
   */
  boolean add(Event event, ProgrammeHoldout programme, boolean costs) {
    if (event instanceof Send send) {
      boolean exposed =
          programme != null
              && programme.categories().contains(send.category())
              && addExposure(programme, send);
      return addSend(send, costs) || exposed;
    }
    if (event instanceof Delivery delivery) {
      Touchpoint message = orAdd(true, Hash64.of(delivery.messageId()));
      boolean earlier = delivery.eventTime() < message.deliveredAt;
      message.deliveredAt = Math.min(message.deliveredAt, delivery.eventTime());
      return earlier;
    }
    if (event instanceof Click click) {
      Touchpoint message = orAdd(true, Hash64.of(click.messageId()));
      if (LinkScanners.hasAgent(click)) {
        return message.addAgentClick(click.eventTime());
      }
      boolean earlier = click.eventTime() < message.plainClickAt;
      message.plainClickAt = Math.min(message.plainClickAt, click.eventTime());
      return earlier;
    }
    if (event instanceof Touch touch) {
      return addTouch(touch);
    }
    if (event instanceof Conversion conversion) {
      return addConversion(conversion);
    }
    if (event instanceof OptOut || event instanceof Reply) {
      return optOuts.add(event.eventTime());
    }
    Assignment a = (Assignment) event;
    if (Optimise.isKey(a.experimentId())) {
      boolean entered = addComparison(a);
      return (programme != null && addExposure(programme, a)) || entered;
    }
    boolean exposed = programme != null && addExposure(programme, a);
    if (programme == null || !a.experimentId().equals(ProgrammeHoldout.EXPERIMENT)) {
      exposed |= addExposure(a.experimentId(), a.variantId(), a.epoch(), a.eventTime(), true);
    }
    return exposed;
  }

  /** Who comes to the optimizer, in the arm of the draw; its control is what a hold-out is. */
  private boolean addComparison(Assignment a) {
    return addExposure(
        new ExperimentExposure(
            a.experimentId(),
            a.variantId(),
            a.epoch() == null ? 0 : a.epoch(),
            a.eventTime(),
            a.variantId().equals(Optimise.CONTROL),
            a.eventTime(),
            a.subscriberMicros() == null ? 0 : a.subscriberMicros()));
  }

  /**
   * Who comes to the programme's first message, or would without a hold-out, is exposed to it, in
   * the arm of the draw and not of what happened: so both arms enter by the same rule.
   */
  private boolean addExposure(ProgrammeHoldout programme, Event event) {
    return addExposure(
        programme.key(),
        programme.salt(),
        programme.epoch(),
        event.eventTime(),
        programme.holds(event.recipientId()));
  }

  private boolean addSend(Send send, boolean costs) {
    Touchpoint message = orAdd(true, Hash64.of(send.messageId()));
    boolean first = send.eventTime() < message.sentAt;
    if (first) {
      message.sentAt = send.eventTime();
      message.campaignId = send.campaignId();
      message.variantId = send.variantId();
      message.experimentId = send.experimentId();
      message.costMicros = costs ? send.costMicros() : 0;
    }
    boolean exposed =
        send.experimentId() != null
            && send.variantId() != null
            && addExposure(
                send.experimentId(), send.variantId(), send.epoch(), send.eventTime(), false);
    return first || exposed;
  }

  private boolean addTouch(Touch touch) {
    long id = Hash64.of(touch.eventId());
    if (touchpoint(false, id) != null) {
      return false;
    }
    Touchpoint touchpoint = orAdd(false, id);
    touchpoint.channel = touch.channel();
    touchpoint.campaignId = touch.campaignId();
    touchpoint.deliveredAt = touch.eventTime();
    return true;
  }

  private boolean addConversion(Conversion event) {
    Converted conversion =
        new Converted(
            event.conversionId(),
            event.kind(),
            event.eventTime(),
            event.revenueMicros(),
            event.originalConversionId(),
            0);
    for (int i = 0; i < conversions.size(); i++) {
      Converted known = conversions.get(i);
      if (known.key().equals(conversion.key())) {
        boolean earlier = Converted.ORDER.compare(conversion, known) < 0;
        if (earlier) {
          conversions.set(i, conversion);
        }
        return earlier;
      }
    }
    conversions.add(conversion);
    return true;
  }

  private boolean addExposure(
      String experimentId, String variantId, Integer epoch, long time, boolean holdout) {
    return addExposure(
        new ExperimentExposure(
            experimentId, variantId, epoch == null ? 0 : epoch, time, holdout, time, 0));
  }

  private boolean addExposure(ExperimentExposure exposure) {
    for (int i = 0; i < exposures.size(); i++) {
      ExperimentExposure known = exposures.get(i);
      if (known.experimentId().equals(exposure.experimentId())) {
        ExperimentExposure merged = known.merge(exposure);
        exposures.set(i, merged);
        return !merged.equals(known);
      }
    }
    exposures.add(exposure);
    return true;
  }

  /** The newest instant of anything that is known. */
  long newestInstant() {
    long newest = newestConversion();
    for (Touchpoint t : touchpoints) {
      newest = Math.max(newest, newest(t.sentAt, t.deliveredAt));
      newest = Math.max(newest, newest(t.plainClickAt, Touchpoint.NEVER));
      if (t.agentClicks.length > 0) {
        newest = Math.max(newest, t.agentClicks[t.agentClicks.length - 1]);
      }
    }
    for (ExperimentExposure exposure : exposures) {
      newest = Math.max(newest, exposure.lastTime());
    }
    if (!optOuts.isEmpty()) {
      newest = Math.max(newest, optOuts.last());
    }
    return newest;
  }

  private static long newest(long a, long b) {
    return Math.max(
        a == Touchpoint.NEVER ? Long.MIN_VALUE : a, b == Touchpoint.NEVER ? Long.MIN_VALUE : b);
  }
}
