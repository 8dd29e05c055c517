package io.heed.core.gate;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpRequested;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Sunset;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.model.Category;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.Cap;
import io.heed.core.rules.ErrorClass;
import io.heed.core.rules.LinkScanners;
import java.util.Iterator;

/**
 * Records in a recipient's state what events state: what was sent, what became of it, who consented
 * and who revoked. What it records does not depend on the order of events.
 */
final class FactRecorder {
  private static final String ALL = Rules.ALL;
  private static final LinkScanners SCANNERS = LinkScanners.standard();
  private static final long DAY_MILLIS = 86_400_000L;

  private final GateCall call;
  private final PolicyBook policies;
  private final ExperimentBook experiments;
  private final BreachWatch breaches;

  FactRecorder(
      GateCall call, PolicyBook policies, ExperimentBook experiments, BreachWatch breaches) {
    this.call = call;
    this.policies = policies;
    this.experiments = experiments;
    this.breaches = breaches;
  }

  /** Records what an event states; returns whether anything is new by it. */
  boolean record(GateEvent event) {
    if (event instanceof Sent sent) {
      return sent(sent);
    }
    if (event instanceof Receipt receipt) {
      return receipt(receipt);
    }
    if (event instanceof Revoked revoked) {
      return revoked(revoked);
    }
    if (event instanceof Consented consented) {
      return consented(consented);
    }
    if (event instanceof HelpRequested help) {
      boolean newer = help.time() > call.state.helpAt;
      call.state.helpAt = Math.max(call.state.helpAt, help.time());
      return newer;
    }
    if (event instanceof Touched touched) {
      return touched(touched);
    }
    if (event instanceof Clicked clicked) {
      return clicked(clicked);
    }
    if (event instanceof Exposed exposed) {
      // The gate's own: who is held out of the programme is kept when it is drawn, and so is who
      // has come to the optimizer.
      return !exposed.exposure().experimentId().equals(ProgrammeHoldout.EXPERIMENT)
          && !Optimise.isKey(exposed.exposure().experimentId())
          && call.state.exposed(exposed.exposure(), exposed.time());
    }
    if (event instanceof Sunset sunset) {
      return sunset(sunset);
    }
    return recovered(((Recovered) event).decision());
  }

  private boolean sunset(Sunset sunset) {
    if (sunset.time() <= call.state.sunsetAt) {
      return false;
    }
    call.state.sunsetAt = sunset.time();
    call.state.sunsetUntil = sunset.until();
    return true;
  }

  private boolean sent(Sent sent) {
    long hash = Hash.of(sent.messageId());
    Message message = call.state.messageOrNew(hash, sent.time());
    boolean clicked = !message.isSent() && message.outcome == RecipientState.CLICKED;
    if (message.isSent()) {
      Message repeated = repeated(sent, message);
      if (repeated == null) {
        return false;
      }
      message = repeated;
    }
    message.time = sent.time();
    message.category = sent.category();
    message.list = sent.listId();
    message.tags = Cap.hashes(sent.tags());
    message.confirmation =
        sent.category() == Category.TRANSACTIONAL
            && sent.tags().contains(Exemption.CONFIRMATION_TAG);
    if (sent.region() != null || sent.timeZone() != null) {
      place(sent);
    }
    KnownRequest entry = use(sent);
    if (sent.live()) {
      breaches.watch(sent, entry);
    }
    if (sent.exposure() != null) {
      call.state.exposed(sent.exposure(), sent.time());
    }
    if (sent.category() == Category.PROMOTIONAL) {
      texted(sent.time(), clicked);
    }
    if (message.confirmation) {
      call.state.confirmedAt = Math.max(call.state.confirmedAt, sent.time());
    }
    bind(message);
    call.capsMoved = true;
    return true;
  }

  /** A promotional message, whose click may have come before its send. */
  private void texted(long sentAt, boolean clicked) {
    int day = day(sentAt);
    PersonState person = call.state.person == null ? PersonState.NEW : call.state.person;
    person = person.withMessage(day, PersonState.NOMINAL_CLICKS);
    call.state.person = clicked ? person.withClick(day) : person;
  }

  private static int day(long instant) {
    return (int) Math.floorDiv(instant, DAY_MILLIS);
  }

  /** The first click of a person on a message; it was delivered, then. */
  private boolean clicked(Clicked clicked) {
    Message message = call.state.messageOrNew(Hash.of(clicked.messageId()), clicked.time());
    if (message.outcome == RecipientState.CLICKED
        || (message.isSent()
            && clicked.timed()
            && SCANNERS.isTooSoon(clicked.time() - message.time))) {
      return false;
    }
    call.capsMoved |= message.outcome == RecipientState.FAILED;
    message.outcome = RecipientState.CLICKED;
    if (message.isSent() && message.category == Category.PROMOTIONAL) {
      call.state.person = call.state.person.withClick(day(message.time));
    }
    return true;
  }

  /**
   * The message of a send whose id another instant's send has had; null if it is known. The
   * earliest send has the id, with all receipts; the others count beside it, in whatever order they
   * arrive.
   */
  private Message repeated(Sent sent, Message first) {
    if (sent.time() == first.time) {
      return null;
    }
    long later = Math.max(sent.time(), first.time);
    long hash = Hash.of(sent.messageId() + "|" + later);
    if (call.state.message(hash) != null) {
      return null;
    }
    Message second = call.state.messageOrNew(hash, later);
    if (sent.time() > first.time) {
      return second;
    }
    second.category = first.category;
    second.list = first.list;
    second.tags = first.tags;
    second.confirmation = first.confirmation;
    return first;
  }

  /** The place that the newest send names; of two at one instant the larger text. */
  private void place(Sent sent) {
    String place = sent.region() + "|" + sent.timeZone();
    if (sent.time() > call.state.placeAt
        || (sent.time() == call.state.placeAt
            && place.compareTo(call.state.region + "|" + call.state.zone) > 0)) {
      call.state.placeAt = sent.time();
      call.state.region = sent.region();
      call.state.zone = sent.timeZone();
    }
  }

  /** Frees the slot that was reserved for a message; it is counted itself from now on. */
  private KnownRequest use(Sent sent) {
    KnownRequest entry = null;
    if (sent.requestId() != null) {
      long hash = Hash.of(sent.requestId());
      entry = call.state.requestOrNew(hash);
      if (entry.expiresAt == 0) {
        entry.decidedAt = sent.time();
        entry.expiresAt = sent.time();
      }
    } else if (sent.time() > call.state.evictedUntil[sent.category().ordinal()]) {
      // What may have been evicted may have had its reservation already.
      int campaign = (int) Hash.of(sent.campaignId());
      for (KnownRequest each : call.state.requests) {
        if (each.reserves()
            && each.campaignHash == campaign
            && each.category == sent.category()
            && sent.listId().equals(each.list)
            && sent.time() >= each.decidedAt
            && sent.time() <= each.expiresAt
            && (entry == null || each.decidedAt < entry.decidedAt)) {
          entry = each;
        }
      }
    }
    if (entry != null) {
      entry.used = true;
    }
    return entry;
  }

  private boolean receipt(Receipt receipt) {
    boolean changed = false;
    if (receipt.error() == ErrorClass.INVALID_NUMBER || receipt.error() == ErrorClass.OPTED_OUT) {
      changed =
          revoke(
              ALL,
              receipt.error() == ErrorClass.OPTED_OUT
                  ? RevocationMethod.VENDOR
                  : RevocationMethod.INVALID_NUMBER,
              receipt.time());
    }
    Message message = call.state.messageOrNew(Hash.of(receipt.messageId()), receipt.time());
    int outcome = receipt.status().isDelivered() ? RecipientState.DELIVERED : RecipientState.FAILED;
    if (!message.isSent() && receipt.time() < message.time) {
      message.time = receipt.time();
      changed = true;
    }
    if (outcome > message.outcome) {
      // That a message was delivered changes no cap, unless it had been refunded.
      call.capsMoved |=
          outcome == RecipientState.FAILED || message.outcome == RecipientState.FAILED;
      message.outcome = outcome;
      changed = true;
    }
    if (receipt.error() == ErrorClass.TRANSIENT && outcome == RecipientState.FAILED) {
      if (message.failedAt == 0 || receipt.time() < message.failedAt) {
        message.failedAt = receipt.time();
        changed = true;
      }
      if (receipt.time() > message.lastFailedAt) {
        message.lastFailedAt = receipt.time();
        changed = true;
      }
    }
    return changed;
  }

  private boolean revoked(Revoked revoked) {
    if (revoked.scope() != null) {
      return revoke(revoked.scope(), revoked.method(), revoked.time());
    }
    return reply(revoked.messageId(), revoked.time(), revoked.method(), null);
  }

  private boolean consented(Consented consented) {
    if (consented.scope() != null) {
      return consent(consented.scope(), consented.method(), consented.time());
    }
    return reply(consented.messageId(), consented.time(), null, consented.method());
  }

  private boolean reply(
      String messageId, long time, RevocationMethod revoked, ConsentMethod consented) {
    if (messageId == null) {
      return revoked != null
          ? revoke(ALL, revoked, time)
          : consented != ConsentMethod.YES && consent(ALL, consented, time);
    }
    Pending pending = new Pending(Hash.of(messageId), time, revoked, consented);
    Message message = call.state.message(pending.messageHash());
    if (message != null && message.isSent()) {
      return bind(message, pending);
    }
    return !call.state.pending.contains(pending) && call.state.pending.add(pending);
  }

  private void bind(Message message) {
    for (Iterator<Pending> all = call.state.pending.iterator(); all.hasNext(); ) {
      Pending pending = all.next();
      if (pending.messageHash() == message.hash) {
        all.remove();
        bind(message, pending);
      }
    }
  }

  private boolean bind(Message message, Pending reply) {
    if (reply.revoked() != null) {
      String scope = ReplyScope.isAll(reply.revoked(), reply.time()) ? ALL : message.list;
      boolean changed = revoke(scope, reply.revoked(), reply.time());
      Scope all = call.state.scopeOrNew(ALL);
      if (!scope.equals(ALL) && reply.time() > all.clearedAt) {
        all.clearedAt = reply.time();
        changed = true;
      }
      return changed;
    }
    if (reply.consented() == ConsentMethod.YES && !message.confirmation) {
      return false;
    }
    return consent(message.list, ConsentMethod.KEYWORD, reply.time());
  }

  private boolean revoke(String scope, RevocationMethod method, long time) {
    Scope known = call.state.scopeOrNew(scope);
    Scope before = known.copy();
    known.revoke(method, time);
    return before.softAt != known.softAt
        || before.soft != known.soft
        || before.hardAt != known.hardAt
        || before.hard != known.hard;
  }

  private boolean consent(String scope, ConsentMethod method, long time) {
    Scope known = call.state.scopeOrNew(scope);
    Scope before = known.copy();
    known.consent(method, time);
    return before.startAt != known.startAt
        || before.strongAt != known.strongAt
        || before.strong != known.strong
        || before.importedAt != known.importedAt
        || before.importProven != known.importProven;
  }

  private boolean touched(Touched touched) {
    long hash = Hash.of(touched.eventId());
    boolean counts =
        policies.countsTouchesOf(touched.channel())
            || experiments.countsTouchesOf(touched.channel());
    if (!counts || call.state.message(hash) != null) {
      return false;
    }
    Message touch = call.state.messageOrNew(hash, touched.time());
    touch.touch = true;
    touch.list = touched.channel();
    call.capsMoved = true;
    return true;
  }

  private boolean recovered(SuppressionDecision decision) {
    call.state.lastSeq = Math.max(call.state.lastSeq, decision.seq());
    Scope scope = call.state.scopeOrNew(decision.scope());
    if (decision.state() == SuppressionState.SUPPRESSED) {
      scope.revoke(RevocationMethod.named(decision.method()), decision.since());
    } else if (decision.method() != null) {
      scope.consent(
          constant(ConsentMethod.class, decision.method(), ConsentMethod.KEYWORD),
          decision.since());
    } else {
      scope.clearedAt = Math.max(scope.clearedAt, decision.since());
    }
    return true;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name, E orElse) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    return orElse;
  }
}
