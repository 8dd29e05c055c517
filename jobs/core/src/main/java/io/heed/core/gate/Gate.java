package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Erasure;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.SendVerdict;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The send gate for one recipient at a time: takes the stored state and an event, returns the next
 * state and publishes what has changed. The same state and event give the same verdict;
 * suppressions and caps do not depend on the order of events. Not safe for concurrent use.
 */
public final class Gate {
  private final PolicyBook policies;
  private final ExperimentBook experiments;
  private final StateCodec codec = new StateCodec();
  private final GateCall call = new GateCall();
  private final PlaceSchedules schedules = new PlaceSchedules();
  private final CapPublisher capPublisher;
  private final FactRecorder facts;
  private final RequestDecider requests;
  private final SuppressionPublisher suppressions;
  private final Retention retention;
  private final Eviction eviction;
  private long evicted;
  private long wanted;

  /**
   * A gate.
   *
   * @param policies that hold; may grow
   * @param experiments that requests may belong to; may grow
   * @param values what messages are worth; may grow
   */
  public Gate(
      PolicyBook policies, ExperimentBook experiments, ValueBook values, GateSettings settings) {
    this(policies, experiments, values, settings, Eviction.STANDARD);
  }

  Gate(
      PolicyBook policies,
      ExperimentBook experiments,
      ValueBook values,
      GateSettings settings,
      Eviction eviction) {
    this.policies = policies;
    this.experiments = experiments;
    this.eviction = eviction;
    Caps caps = new Caps();
    capPublisher = new CapPublisher(caps);
    facts =
        new FactRecorder(
            call,
            policies,
            experiments,
            new BreachWatch(call, policies, experiments, schedules, caps, capPublisher));
    requests =
        new RequestDecider(
            call, policies, experiments, settings, schedules, caps, capPublisher, values);
    suppressions = new SuppressionPublisher(call, policies);
    retention = new Retention(settings, experiments);
  }

  /**
   * Takes an event.
   *
   * @param stored the recipient's state, or null
   * @return the next state; the same array if nothing has changed
   */
  public byte[] process(byte[] stored, GateEvent event, Moment now, Outbox outbox) {
    begin(stored, event.recipientId(), now, outbox);
    return take(event, outbox) ? end() : stored;
  }

  /**
   * The same for a recipient who was erased. What happened up to then changes nothing any more,
   * except a revocation that was not known; what stayed suppressed holds, and a request that is
   * denied leaves no state.
   */
  public byte[] process(
      byte[] stored, Erasure erasure, GateEvent event, Moment now, Outbox outbox) {
    if (event.time() <= erasure.eventTime() && !(event instanceof Revoked)) {
      return stored;
    }
    if (stored != null) {
      return process(stored, event, now, outbox);
    }
    begin(null, event.recipientId(), now, outbox);
    for (KeptSuppression kept : erasure.kept()) {
      call.state
          .scopeOrNew(kept.scope())
          .revoke(RevocationMethod.named(kept.method()), kept.since());
    }
    return take(event, outbox) && !call.state.holdsDenialsAlone() ? end() : null;
  }

  /** An erasure with all that stays suppressed: what it names, and what is known. */
  public Erasure erase(byte[] stored, Erasure erasure) {
    if (stored == null) {
      return erasure;
    }
    begin(stored, null, null, null);
    List<KeptSuppression> known = new ArrayList<>();
    suppressions
        .statuses()
        .forEach(
            (scope, status) -> {
              if (status != null && status.suppressed()) {
                known.add(new KeptSuppression(scope, status.method().name(), status.since()));
              }
            });
    return erasure.keeping(known);
  }

  /** Takes an event; returns whether it has changed anything. */
  private boolean take(GateEvent event, Outbox outbox) {
    boolean mayRevoke = suppressions.mayChange(event);
    Map<String, SuppressionStatus> before = mayRevoke ? suppressions.statuses() : Map.of();
    if (!apply(event)) {
      return false;
    }
    evict();
    if (mayRevoke) {
      suppressions.publish(before, event);
    }
    if (call.capsMoved) {
      publishCaps(outbox);
    }
    expire();
    return true;
  }

  /** Takes verdicts that were given after the state was stored. */
  public byte[] recover(byte[] stored, String recipient, List<SendVerdict> given) {
    begin(stored, recipient, null, null);
    given.forEach(requests::restore);
    evict();
    return codec.write(call.state);
  }

  /** How many facts were evicted so far, to keep what is known of each recipient bounded. */
  public long evicted() {
    return evicted;
  }

  private void evict() {
    evicted +=
        eviction.evict(call.state, Math.max(policies.largestLimit(), experiments.largestLimit()));
  }

  /**
   * Called when event time has reached a timer that was registered by {@link Outbox#registerTimer}.
   */
  public byte[] onTimer(
      byte[] stored, String recipient, long eventTime, Moment now, Outbox outbox) {
    if (stored == null) {
      return null;
    }
    begin(stored, recipient, now, outbox);
    boolean lapse = call.state.timerAt == eventTime;
    boolean cleanup = eventTime == Retention.cleanupAt(recipient, eventTime);
    if (!lapse && !cleanup) {
      return stored;
    }
    if (lapse) {
      call.state.timerAt = 0;
      publishCaps(outbox);
    }
    call.state.cleanupSet &= !cleanup;
    expire();
    return call.state.isEmpty() ? null : end();
  }

  /** Publishes the recipient's caps as a changed policy has made them. */
  public byte[] review(byte[] stored, String recipient, Moment now, Outbox outbox) {
    begin(stored, recipient, now, outbox);
    return publishCaps(outbox) ? end() : stored;
  }

  /** How many requests stated a region or a time zone that is not understood. */
  public long misreadPlaces() {
    return requests.misreadPlaces();
  }

  private void begin(byte[] stored, String recipient, Moment now, Outbox outbox) {
    call.begin(stored == null ? new RecipientState() : read(stored), recipient, now, outbox);
    wanted = Long.MAX_VALUE;
  }

  private RecipientState read(byte[] stored) {
    try {
      return codec.read(stored);
    } catch (BinaryException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] end() {
    if (!call.state.cleanupSet) {
      long at = retention.allExpiredAt(call.state);
      if (at != Long.MAX_VALUE) {
        // A timer of its own, that stays: to set it again after each lapse would cost as much as
        // the lapse.
        call.state.cleanupSet = true;
        call.out.registerTimer(Retention.cleanupAt(call.recipientId, at));
      }
    }
    if (wanted != Long.MAX_VALUE && (call.state.timerAt == 0 || wanted < call.state.timerAt)) {
      call.state.timerAt = wanted;
      call.out.registerTimer(wanted);
    }
    return codec.write(call.state);
  }

  private boolean apply(GateEvent event) {
    if (event instanceof Requested requested) {
      requests.requested(requested.request());
      // A request reads a changed policy at once, and so do the caps that are published; else
      // nothing changes.
      call.capsMoved = call.moment.reviewing();
      return true;
    }
    return event instanceof Invalid invalid ? requests.invalid(invalid) : facts.record(event);
  }

  /** Event time for published caps: the newest send is more exact than a watermark that lags. */
  private long capTime() {
    return Math.max(call.moment.watermark(), call.state.newestSend());
  }

  /**
   * Publishes every cap that differs from what was published last; returns whether there was one.
   */
  private boolean publishCaps(Outbox to) {
    if (call.state.messages.isEmpty()) {
      return false;
    }
    long now = capTime();
    boolean published =
        capPublisher.publish(
            call.state,
            call.recipientId,
            policies.at(now),
            schedules.of(call),
            now,
            call.moment,
            call::nextSeq,
            to);
    wanted = Math.min(wanted, capPublisher.nextLapse());
    return published;
  }

  private void expire() {
    if (retention.expire(call.state, call.moment.watermark())) {
      // What was published stands; it must not be published again for another reason.
      publishCaps(null);
    }
  }
}
