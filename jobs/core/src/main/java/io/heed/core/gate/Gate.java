package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RecipientState.Scope;
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
   *
   * @param erasure of the recipient; null if there was none
   */
  public byte[] process(
      byte[] stored, Erasure erasure, GateEvent event, Moment now, Outbox outbox) {
    if (erasure == null) {
      return process(stored, event, now, outbox);
    }
    if (event.time() <= erasure.eventTime() && !(event instanceof Revoked)) {
      return stored;
    }
    begin(stored, erasure, event.recipientId(), now, outbox);
    if (!take(event, outbox)) {
      return stored;
    }
    return call.state.holdsDenialsAlone() && isSaidBy(erasure) ? null : end();
  }

  /**
   * Erases a recipient.
   *
   * @param recognised whether {@link #process} will be given the erasure with what comes later
   * @return what is left: consent from after the erasure, and suppressions that it does not name,
   *     or any if the recipient will not be recognised; null for nothing
   */
  public byte[] erase(byte[] stored, Erasure erasure, boolean recognised) {
    begin(stored, null, null, null);
    if (recognised && isSaidBy(erasure)) {
      return null;
    }
    List<KeptSuppression> suppressed = suppressed();
    List<Scope> known = List.copyOf(call.state.scopes);
    call.state = new RecipientState();
    for (Scope scope : known) {
      if (scope.expire(erasure.eventTime())) {
        call.state.scopes.add(scope);
      }
    }
    keep(erasure.keeping(suppressed));
    return call.state.scopes.isEmpty() ? null : codec.write(call.state);
  }

  /** Whether what is known of consent is what the erasure says of it. */
  private boolean isSaidBy(Erasure erasure) {
    return call.state.scopes.stream().allMatch(scope -> scope.newest() <= erasure.eventTime())
        && erasure.keeping(suppressed()).kept().equals(erasure.kept());
  }

  private List<KeptSuppression> suppressed() {
    List<KeptSuppression> suppressed = new ArrayList<>();
    suppressions
        .statuses()
        .forEach(
            (scope, status) -> {
              if (status != null && status.suppressed()) {
                suppressed.add(new KeptSuppression(scope, status.method().name(), status.since()));
              }
            });
    return suppressed;
  }

  private void keep(Erasure erasure) {
    for (KeptSuppression kept : erasure.kept()) {
      call.state
          .scopeOrNew(kept.scope())
          .revoke(RevocationMethod.named(kept.method()), kept.since());
    }
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

  /**
   * Takes verdicts that were given after the state was stored.
   *
   * @param erasure of the recipient; null if there was none
   */
  public byte[] recover(byte[] stored, Erasure erasure, String recipient, List<SendVerdict> given) {
    begin(stored, erasure, recipient, null, null);
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

  /** Of somebody who was erased what stayed suppressed is known, where nothing else is. */
  private void begin(byte[] stored, Erasure erasure, String recipient, Moment now, Outbox outbox) {
    begin(stored, recipient, now, outbox);
    if (stored == null && erasure != null) {
      keep(erasure);
    }
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
