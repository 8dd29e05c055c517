package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.Earlier;
import io.heed.core.experiments.ExperimentAllocation.Kind;
import io.heed.core.gate.Consent.Standing;
import io.heed.core.gate.GateEvent.Asked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpAsked;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.hours.BusinessDays;
import io.heed.core.hours.QuietHours;
import io.heed.core.hours.Reading;
import io.heed.core.hours.Schedule;
import io.heed.core.model.Assignment;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import io.heed.core.model.Decision;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.core.rules.ErrorClass;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The send gate for one recipient at a time: takes the stored state and an event, gives the next
 * state and tells what has changed. The same state and event give the same answer; what the state
 * says of suppression and caps does not depend on the order of events. Not safe for concurrent use.
 */
public final class Gate {
  /** Tag of the one message that confirms an opt-out. */
  public static final String CONFIRMATION_TAG = "opt_out_confirmation";

  private static final String ALL = Rules.ALL;
  private static final long CONFIRMATION_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final long HELP_MILLIS = Duration.ofHours(1).toMillis();

  /** A message is counted for so long beyond the horizon, so that its last lapse is told. */
  private static final long GRACE_MILLIS = Duration.ofDays(1).toMillis();

  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /** An experiment that is unknown, or has no end, is remembered for so long after it was used. */
  private static final long ENDLESS_MILLIS = Duration.ofDays(366).toMillis();

  private static final long ASK_AGAIN_MILLIS = Duration.ofSeconds(5).toMillis();
  private static final ReasonCode[] REASONS = ReasonCode.values();

  /**
   * Settings.
   *
   * @param reservationMillis how long an ALLOW holds its slot
   * @param horizonMillis how long messages are kept, in event time
   * @param rememberMillis how long an answer is kept after it has expired
   */
  public record Settings(long reservationMillis, long horizonMillis, long rememberMillis) {
    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(
            Duration.ofMinutes(10).toMillis(),
            Duration.ofDays(35).toMillis(),
            // Less than a day after a message its answer is forgotten when the daily cap lapses.
            Duration.ofHours(23).toMillis());
  }

  /**
   * The moment of an event's arrival.
   *
   * @param watermark how far event time has come, epoch milliseconds
   * @param wallMillis wall clock, for latency only
   * @param clockMicros wall clock in microseconds, for {@code seq}
   * @param stale whether the state may miss something that was appended before
   * @param reviewing whether some recipients have not yet been told what changed rules have made of
   *     their caps
   */
  public record Moment(
      long watermark, long wallMillis, long clockMicros, boolean stale, boolean reviewing) {}

  /** Takes what the gate has to say. */
  public interface Outbox {
    void write(Decision decision);

    /** A recipient was drawn into a hold-out. */
    void assign(Assignment assignment);

    /** Event time at which {@link Gate#wake} wants to be called for the recipient. */
    void wakeAt(long eventTime);
  }

  private final PolicyBook policies;
  private final Settings settings;
  private final ExperimentBook experiments;
  private final QuietHours quietHours = new QuietHours();
  private final Set<String> anywhere = quietHours.countries();
  private final StateCodec codec = new StateCodec();
  private final Caps caps = new Caps();
  private final CapTelling capTelling = new CapTelling(caps);
  private final Eviction eviction;
  private long evicted;

  private long misreadPlaces;

  // Of the call at hand.
  private RecipientState state;
  private String recipientId;
  private Moment moment;
  private Outbox out;
  private long wanted;
  private boolean capsMoved;

  /**
   * A gate.
   *
   * @param policies that hold; may grow
   * @param experiments that requests may belong to; may grow
   */
  public Gate(PolicyBook policies, ExperimentBook experiments, Settings settings) {
    this(policies, experiments, settings, Eviction.STANDARD);
  }

  Gate(PolicyBook policies, ExperimentBook experiments, Settings settings, Eviction eviction) {
    this.eviction = eviction;
    this.policies = policies;
    this.experiments = experiments;
    this.settings = settings;
  }

  /**
   * Takes an event.
   *
   * @param stored the recipient's state, or null
   * @return the next state; the same array if nothing has changed
   */
  public byte[] process(byte[] stored, GateEvent event, Moment now, Outbox outbox) {
    begin(stored, event.recipientId(), now, outbox);
    boolean mayRevoke = mayChangeConsent(event);
    Map<String, Standing> before = mayRevoke ? standings() : Map.of();
    if (!apply(event)) {
      return stored;
    }
    evict();
    if (mayRevoke) {
      tellSuppressions(before, event);
    }
    if (capsMoved) {
      tellCaps(out);
    }
    forget();
    return end();
  }

  /** Takes verdicts that were given after the state was stored. */
  public byte[] recover(byte[] stored, String recipient, List<SendVerdict> given) {
    begin(stored, recipient, null, null);
    for (SendVerdict verdict : given) {
      long hash = Hash.of(verdict.requestId());
      Answer answer = state.answerOrNew(hash);
      if (answer.verdict != verdict.verdict() || answer.decidedAt != verdict.decidedAt()) {
        // Given since: what a verdict does not tell is known when its request is read again.
        answer.list = null;
      }
      answer.verdict = verdict.verdict();
      answer.reasons = bits(verdict.reasons());
      answer.decidedAt = verdict.decidedAt();
      answer.expiresAt = verdict.expiresAt();
      answer.notBefore = verdict.notBefore() == null ? 0 : verdict.notBefore();
      answer.variant = verdict.variantId();
      answer.epoch = verdict.epoch() == null ? 0 : verdict.epoch();
      state.lastSeq = Math.max(state.lastSeq, verdict.seq());
    }
    evict();
    return codec.write(state);
  }

  /** How many facts were evicted so far, to keep what is known of each recipient bounded. */
  public long evicted() {
    return evicted;
  }

  private void evict() {
    evicted += eviction.evict(state, policies.largestLimit());
  }

  /** Called when event time has reached what {@link Outbox#wakeAt} asked for. */
  public byte[] wake(byte[] stored, String recipient, long eventTime, Moment now, Outbox outbox) {
    if (stored == null) {
      return null;
    }
    begin(stored, recipient, now, outbox);
    boolean lapse = state.timerAt == eventTime;
    boolean cleaning = eventTime == cleaningAt(eventTime);
    if (!lapse && !cleaning) {
      return stored;
    }
    if (lapse) {
      state.timerAt = 0;
      tellCaps(out);
    }
    state.cleaningSet &= !cleaning;
    forget();
    return state.isEmpty() ? null : end();
  }

  /** Tells what a changed policy has made of the recipient's caps. */
  public byte[] review(byte[] stored, String recipient, Moment now, Outbox outbox) {
    begin(stored, recipient, now, outbox);
    return tellCaps(out) ? end() : stored;
  }

  /** How many requests stated a region or a time zone that is not understood. */
  public long misreadPlaces() {
    return misreadPlaces;
  }

  private void begin(byte[] stored, String recipient, Moment now, Outbox outbox) {
    state = stored == null ? new RecipientState() : read(stored);
    recipientId = recipient;
    moment = now;
    out = outbox;
    wanted = Long.MAX_VALUE;
    capsMoved = false;
  }

  private RecipientState read(byte[] stored) {
    try {
      return codec.read(stored);
    } catch (BinaryException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] end() {
    if (!state.cleaningSet) {
      long at = allForgottenAt();
      if (at != Long.MAX_VALUE) {
        // A timer of its own, that stays: to set it anew after each lapse would cost as much again.
        state.cleaningSet = true;
        out.wakeAt(cleaningAt(at));
      }
    }
    if (wanted != Long.MAX_VALUE && (state.timerAt == 0 || wanted < state.timerAt)) {
      state.timerAt = wanted;
      out.wakeAt(wanted);
    }
    return codec.write(state);
  }

  private boolean apply(GateEvent event) {
    if (event instanceof Sent sent) {
      return sent(sent);
    }
    if (event instanceof Receipt receipt) {
      return receipt(receipt);
    }
    if (event instanceof Asked asked) {
      asked(asked.request());
      // A question sees a changed policy at once, and so does what is told; else it changes
      // nothing.
      capsMoved = moment.reviewing();
      return true;
    }
    if (event instanceof Invalid invalid) {
      return invalid(invalid);
    }
    if (event instanceof Revoked revoked) {
      return revoked(revoked);
    }
    if (event instanceof Consented consented) {
      return consented(consented);
    }
    if (event instanceof HelpAsked help) {
      boolean newer = help.time() > state.helpAt;
      state.helpAt = Math.max(state.helpAt, help.time());
      return newer;
    }
    if (event instanceof Touched touched) {
      return touched(touched);
    }
    if (event instanceof Exposed exposed) {
      return exposed(exposed.exposure(), exposed.time());
    }
    return recovered(((Recovered) event).decision());
  }

  // What is known.

  private boolean sent(Sent sent) {
    long hash = Hash.of(sent.messageId());
    Message known = state.message(hash);
    if (known != null && known.seen()) {
      return false;
    }
    Message message = known == null ? state.messageOrNew(hash, sent.time()) : known;
    message.time = sent.time();
    message.category = sent.category();
    message.list = sent.listId();
    message.tags = Cap.hashes(sent.tags());
    message.confirmation =
        sent.category() == Category.TRANSACTIONAL && sent.tags().contains(CONFIRMATION_TAG);
    if (sent.region() != null || sent.timeZone() != null) {
      place(sent);
    }
    Answer answer = use(sent);
    if (sent.live()) {
      watch(sent, answer);
    }
    if (sent.exposure() != null) {
      exposed(sent.exposure(), sent.time());
    }
    if (message.confirmation) {
      state.confirmedAt = Math.max(state.confirmedAt, sent.time());
    }
    bind(message);
    capsMoved = true;
    return true;
  }

  /** The place that the newest send tells; of two at one instant the larger text. */
  private void place(Sent sent) {
    String told = sent.region() + "|" + sent.timeZone();
    if (sent.time() > state.placeAt
        || (sent.time() == state.placeAt && told.compareTo(state.region + "|" + state.zone) > 0)) {
      state.placeAt = sent.time();
      state.region = sent.region();
      state.zone = sent.timeZone();
    }
  }

  /** Frees the slot that was reserved for a message; it is counted itself from now on. */
  private Answer use(Sent sent) {
    Answer answer = null;
    if (sent.requestId() != null) {
      long hash = Hash.of(sent.requestId());
      answer = state.answerOrNew(hash);
      if (answer.expiresAt == 0) {
        answer.decidedAt = sent.time();
        answer.expiresAt = sent.time();
      }
    } else if (sent.time() > state.evictedUntil[sent.category().ordinal()]) {
      // What may have been evicted may have had its reservation already.
      int campaign = (int) Hash.of(sent.campaignId());
      for (Answer each : state.answers) {
        if (each.reserves()
            && each.campaignHash == campaign
            && each.category == sent.category()
            && sent.listId().equals(each.list)
            && sent.time() >= each.decidedAt
            && sent.time() <= each.expiresAt
            && (answer == null || each.decidedAt < answer.decidedAt)) {
          answer = each;
        }
      }
    }
    if (answer != null) {
      answer.used = true;
    }
    return answer;
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
    Message message = state.messageOrNew(Hash.of(receipt.messageId()), receipt.time());
    int outcome = receipt.status().isDelivered() ? RecipientState.DELIVERED : RecipientState.FAILED;
    if (!message.seen() && receipt.time() < message.time) {
      message.time = receipt.time();
      changed = true;
    }
    if (outcome > message.outcome) {
      // That a message was delivered changes no cap, unless it had been refunded.
      capsMoved |= outcome == RecipientState.FAILED || message.outcome == RecipientState.FAILED;
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
    Message message = state.message(pending.messageHash());
    if (message != null && message.seen()) {
      return bind(message, pending);
    }
    return !state.pending.contains(pending) && state.pending.add(pending);
  }

  private void bind(Message message) {
    for (Iterator<Pending> all = state.pending.iterator(); all.hasNext(); ) {
      Pending pending = all.next();
      if (pending.messageHash() == message.hash) {
        all.remove();
        bind(message, pending);
      }
    }
  }

  private boolean bind(Message message, Pending reply) {
    if (reply.revoked() != null) {
      String scope = Consent.revokedBy(message.list, reply.time());
      boolean changed = revoke(scope, reply.revoked(), reply.time());
      Scope all = state.scopeOrNew(ALL);
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
    Scope known = state.scopeOrNew(scope);
    Scope before = known.copy();
    known.revoke(method, time);
    return before.softAt != known.softAt
        || before.soft != known.soft
        || before.hardAt != known.hardAt
        || before.hard != known.hard;
  }

  private boolean consent(String scope, ConsentMethod method, long time) {
    Scope known = state.scopeOrNew(scope);
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
    if (!policies.countsTouchesOf(touched.channel()) || state.message(hash) != null) {
      return false;
    }
    Message touch = state.messageOrNew(hash, touched.time());
    touch.touch = true;
    touch.list = touched.channel();
    capsMoved = true;
    return true;
  }

  /** Who was exposed without having asked keeps the variant, too. */
  private boolean exposed(Earlier exposure, long time) {
    for (int i = 0; i < state.drawn.size(); i++) {
      Drawn known = state.drawn.get(i);
      if (known.draw().experimentId().equals(exposure.experimentId())) {
        state.drawn.set(i, new Drawn(known.draw(), Math.max(known.lastAt(), time)));
        return time > known.lastAt();
      }
    }
    return state.drawn.add(new Drawn(exposure, time));
  }

  private boolean recovered(SuppressionDecision decision) {
    state.lastSeq = Math.max(state.lastSeq, decision.seq());
    Scope scope = state.scopeOrNew(decision.scope());
    if (decision.state() == SuppressionState.SUPPRESSED) {
      scope.revoke(
          constant(RevocationMethod.class, decision.method(), RevocationMethod.UNREADABLE),
          decision.since());
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

  // What is told.

  private boolean mayChangeConsent(GateEvent event) {
    if (event instanceof Sent) {
      return !state.pending.isEmpty() || Consent.hasTransientFailure(state);
    }
    if (event instanceof Receipt receipt) {
      return receipt.error() != ErrorClass.NONE || Consent.hasTransientFailure(state);
    }
    return event instanceof Revoked || event instanceof Consented || event instanceof Recovered;
  }

  private Map<String, Standing> standings() {
    Map<String, Standing> standings = new LinkedHashMap<>();
    Scope all = Consent.all(state);
    if (all != null) {
      standings.put(ALL, Consent.of(all, all));
    }
    for (Scope scope : state.scopes) {
      if (!scope.name.equals(ALL) && !scope.name.equals(Scope.OTHERS)) {
        standings.put(scope.name, Consent.of(scope, all));
      }
    }
    return standings;
  }

  private void tellSuppressions(Map<String, Standing> before, GateEvent event) {
    Map<String, Standing> after = standings();
    for (Map.Entry<String, Standing> each : after.entrySet()) {
      Standing standing = each.getValue();
      boolean recovered =
          event instanceof Recovered topic
              && topic.decision().scope().equals(each.getKey())
              && before.get(each.getKey()) == null
              && standing != null
              && standing.state() == topic.decision().state()
              && standing.since() == topic.decision().since();
      if (standing != null && !recovered && !standing.equals(before.get(each.getKey()))) {
        out.write(suppression(each.getKey(), standing));
      }
    }
  }

  private SuppressionDecision suppression(String scope, Standing standing) {
    boolean revoked =
        standing.suppressed()
            && standing.method() != RevocationMethod.INVALID_NUMBER
            && standing.method() != RevocationMethod.UNREACHABLE;
    Long honourBy = revoked ? BusinessDays.honourBy(standing.since()) : null;
    String method = standing.method() == null ? null : standing.method().name();
    return new SuppressionDecision(
        Hash.id(
            "suppression",
            recipientId,
            scope,
            standing.state(),
            method,
            standing.since(),
            honourBy,
            standing.reasons()),
        standing.since(),
        moment.wallMillis(),
        standing.reasons(),
        nextSeq(),
        policies.at(standing.since()).of(scope).version(),
        recipientId,
        scope,
        standing.state(),
        method,
        standing.since(),
        honourBy);
  }

  private long nextSeq() {
    state.lastSeq = Math.max(state.lastSeq + 1, moment.clockMicros());
    return state.lastSeq;
  }

  /** Event time for what is told of caps: what was sent says more than a watermark that lags. */
  private long capTime() {
    return Math.max(moment.watermark(), state.newestSend());
  }

  /** Tells every cap that differs from what was told last; returns whether there was one. */
  private boolean tellCaps(Outbox to) {
    if (state.messages.isEmpty()) {
      return false;
    }
    long now = capTime();
    boolean told =
        capTelling.tell(
            state, recipientId, policies.at(now), places(), now, moment, this::nextSeq, to);
    want(capTelling.nextLapse());
    return told;
  }

  private Schedule places() {
    return quietHours.of(recipientId, state.region, state.zone, null, anywhere, Reading.STRICT);
  }

  // What is forgotten.

  private void want(long wakeAt) {
    wanted = Math.min(wanted, wakeAt);
  }

  /**
   * When nothing is left to remember; far away if nothing has to be forgotten. What is due earlier
   * is forgotten whenever the recipient is looked at, since a call for each would cost as much as
   * the events themselves.
   */
  private long allForgottenAt() {
    long last = state.helpAt;
    for (Message message : state.messages) {
      last = Math.max(last, message.time);
    }
    for (Pending pending : state.pending) {
      last = Math.max(last, pending.time());
    }
    last = Math.max(last, state.newestEvicted());
    long until = last == 0 ? 0 : last + keepMillis();
    for (Answer answer : state.answers) {
      until = Math.max(until, forgetAt(answer));
    }
    for (Drawn each : state.drawn) {
      until = Math.max(until, forgetAt(each));
    }
    return until == 0 ? Long.MAX_VALUE : until;
  }

  /**
   * The first instant from another on at which the recipient's state is cleaned: once a day, so
   * that many instants make few timers, at a time of day of its own, so that not all fall due
   * together. A lapse at that very instant makes one cleaning too many, which does no harm.
   */
  private long cleaningAt(long from) {
    long phase = Math.floorMod(Hash.of(recipientId), DAY_MILLIS);
    return from + Math.floorMod(phase - from, DAY_MILLIS);
  }

  private long keepMillis() {
    return settings.horizonMillis() + GRACE_MILLIS;
  }

  /** A slot that was reserved and not used counts for every question of its time, however late. */
  private long forgetAt(Answer answer) {
    return answer.reserves()
        ? answer.expiresAt + keepMillis()
        : Math.max(answer.expiresAt, answer.notBefore) + settings.rememberMillis();
  }

  private long forgetAt(Drawn drawn) {
    long end = experiments.endOf(drawn.draw().experimentId());
    return end == Long.MAX_VALUE ? drawn.lastAt() + ENDLESS_MILLIS : end + keepMillis();
  }

  private void forget() {
    long now = moment.watermark();
    Consent.settle(state, now - keepMillis() + 1);
    boolean forgotten = state.messages.removeIf(each -> each.time + keepMillis() <= now);
    state.answers.removeIf(answer -> forgetAt(answer) <= now);
    state.drawn.removeIf(each -> forgetAt(each) <= now);
    state.forgetEvicted(now - keepMillis());
    if (state.helpAt > 0 && state.helpAt + keepMillis() <= now) {
      state.helpAt = 0;
      state.helpAnsweredAt = 0;
    }
    if (forgotten) {
      // What was told stands; it must not be told again for another reason.
      tellCaps(null);
    }
  }

  // What is answered.

  private void asked(SendRequest request) {
    Standing closing = Consent.closing(state, request.listId());
    long hash = Hash.of(request.requestId());
    Answer answer = state.answerOrNew(hash);
    if (answer.verdict != null) {
      complete(answer, request);
      if (repeats(answer, request, closing)) {
        tellVerdict(answer, request);
        return;
      }
    }
    boolean expired = answer.verdict == Verdict.ALLOW && request.eventTime() >= answer.expiresAt;
    decide(answer, request, closing, expired);
    tellVerdict(answer, request);
  }

  /** Refuses, unless another verdict has been given under the same id: that one stands. */
  private boolean invalid(Invalid request) {
    Answer answer = state.answerOrNew(Hash.of(request.requestId()));
    if (answer.verdict == Verdict.ALLOW || answer.verdict == Verdict.DEFER) {
      return false;
    }
    if (answer.verdict == null) {
      answer.decidedAt = request.time();
      settle(
          answer,
          Verdict.DENY,
          bit(ReasonCode.INVALID_REQUEST),
          request.time() + settings.reservationMillis());
    }
    tellVerdict(answer, request.requestId(), answer.list == null ? ALL : answer.list);
    return true;
  }

  private boolean repeats(Answer known, SendRequest request, Standing closing) {
    boolean closed = closing != null && exemption(request, closing, known) == null;
    return switch (known.verdict) {
      case DENY -> true;
      case DEFER -> !closed && known.notBefore > 0 && request.eventTime() < known.notBefore;
      case ALLOW -> !closed && request.eventTime() < known.expiresAt;
    };
  }

  /** What a verdict that was read back does not tell; what was drawn then is kept. */
  private void complete(Answer known, SendRequest request) {
    if (known.list != null) {
      return;
    }
    known.category = request.category();
    known.list = request.listId();
    known.tags = Cap.hashes(tags(request));
    known.campaignHash = (int) Hash.of(request.campaignId());
    boolean heldOut = known.reasons == bit(ReasonCode.HOLDOUT);
    if (heldOut || known.variant != null) {
      Draw draw = experiments.draw(request, state.draws());
      if (heldOut && draw.kind() == Kind.HOLDOUT) {
        keep(request, draw);
      } else if (!heldOut && draw.test()) {
        keep(request, new Draw(Kind.VARIANT, known.variant, known.epoch, 0, true));
      }
    }
  }

  private static List<String> tags(SendRequest request) {
    return request.tags() == null ? List.of() : request.tags();
  }

  private void decide(Answer answer, SendRequest request, Standing closing, boolean expired) {
    long at = request.eventTime();
    long end = request.expiresAt() == null ? Long.MAX_VALUE : Math.max(at, request.expiresAt());
    long limit = Math.min(at + settings.reservationMillis(), end);
    answer.verdict = null;
    answer.category = request.category();
    answer.list = request.listId();
    answer.tags = Cap.hashes(tags(request));
    answer.campaignHash = (int) Hash.of(request.campaignId());
    answer.decidedAt = at;
    answer.notBefore = 0;

    Exemption exemption = closing == null ? null : exemption(request, closing, null);
    if (closing != null && exemption == null) {
      settle(answer, Verdict.DENY, bits(closing.reasons()), limit);
      return;
    }
    if (expired || (request.expiresAt() != null && at >= request.expiresAt())) {
      settle(answer, Verdict.DENY, bit(ReasonCode.REQUEST_EXPIRED), limit);
      return;
    }
    if (moment.stale()) {
      defer(answer, bit(ReasonCode.STALE_STATE), at + ASK_AGAIN_MILLIS, limit, end);
      return;
    }
    if (exemption != null) {
      exemption.use(state, at);
      settle(
          answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), Math.min(limit, exemption.until()));
      return;
    }
    Rules.ForList holds = policies.at(at).of(request.listId());
    if (holds.consentRequired()
        && request.category() == Category.PROMOTIONAL
        && !Consent.isRecorded(state, request.listId(), holds.unprovenImports())) {
      settle(answer, Verdict.DENY, bit(ReasonCode.NO_CONSENT), limit);
      return;
    }
    allowByTime(answer, request, holds, limit, end);
  }

  private void allowByTime(
      Answer answer, SendRequest request, Rules.ForList holds, long limit, long end) {
    long at = request.eventTime();
    Schedule schedule =
        quietHours.of(
            recipientId,
            request.region() == null ? state.region : request.region(),
            request.timeZone() == null ? state.zone : request.timeZone(),
            holds.hours(),
            holds.countries() == null ? anywhere : holds.countries(),
            holds.law());
    misreadPlaces += schedule.misread() ? 1 : 0;
    boolean keepsHours = holds.hoursCategories().contains(request.category());
    List<Cap> limits =
        capTelling.withLaws(
            holds.limits(request.category(), request.listId(), tags(request)),
            request.category(),
            schedule,
            at);
    boolean open = !keepsHours || schedule.isOpen(at);
    long expiresAt = open && keepsHours ? schedule.closes(at, limit) : limit;
    List<Cap> full =
        caps.full(state, limits, schedule.zones(), at, Math.max(expiresAt, at + 1), answer);
    if (open && full.isEmpty()) {
      draw(answer, request, expiresAt, end);
      return;
    }
    int reasons = open ? 0 : bit(ReasonCode.QUIET_HOURS);
    for (Cap cap : full) {
      reasons |=
          bit(
              cap.source() == CapSource.STATE_LAW
                  ? ReasonCode.STATE_CAP_REACHED
                  : ReasonCode.CAP_REACHED);
    }
    long notBefore = at;
    long looked;
    do {
      looked = notBefore;
      notBefore = caps.firstRoom(state, limits, schedule.zones(), notBefore, answer);
      if (keepsHours && notBefore != Caps.NEVER) {
        notBefore = schedule.nextOpen(notBefore);
      }
    } while (notBefore != looked && notBefore != Caps.NEVER);
    // A window that is full only for a part of the reservation: ask again when it is over.
    defer(answer, reasons, notBefore == at ? expiresAt : notBefore, limit, end);
  }

  private void draw(Answer answer, SendRequest request, long expiresAt, long end) {
    Draw draw = experiments.draw(request, state.draws());
    switch (draw.kind()) {
      case OUTSIDE -> settle(answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), expiresAt);
      case VARIANT -> {
        keep(request, draw);
        answer.variant = draw.variantId();
        answer.epoch = draw.epoch();
        settle(answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), expiresAt);
      }
      case HOLDOUT -> {
        keep(request, draw);
        settle(answer, Verdict.DENY, bit(ReasonCode.HOLDOUT), expiresAt);
      }
      case WAIT ->
          defer(answer, bit(ReasonCode.WAITING_FOR_RESULT), draw.notBefore(), expiresAt, end);
    }
  }

  /** Remembers the first draw within a test, and tells of whoever gets no message by a draw. */
  private void keep(SendRequest request, Draw draw) {
    Earlier drawn = new Earlier(request.experimentId(), draw.variantId(), draw.epoch());
    boolean known = state.draws().contains(drawn);
    if (draw.test()) {
      exposed(drawn, request.eventTime());
    }
    if (known) {
      return;
    }
    if (draw.kind() == Kind.HOLDOUT) {
      out.assign(
          new Assignment(
              Hash.id(
                  "assignment",
                  recipientId,
                  request.experimentId(),
                  draw.variantId(),
                  draw.epoch()),
              request.eventTime(),
              recipientId,
              request.experimentId(),
              draw.variantId(),
              draw.epoch()));
    }
  }

  private static void settle(Answer answer, Verdict verdict, int reasons, long expiresAt) {
    answer.verdict = verdict;
    answer.reasons = reasons;
    answer.expiresAt = expiresAt;
  }

  /** Defers; {@link Long#MAX_VALUE} as instant is none that is known. */
  private static void defer(Answer answer, int reasons, long notBefore, long limit, long end) {
    boolean known = notBefore != Long.MAX_VALUE;
    settle(answer, Verdict.DEFER, reasons, known ? Math.min(notBefore, end) : limit);
    answer.notBefore = known ? notBefore : 0;
  }

  private void tellVerdict(Answer answer, SendRequest request) {
    tellVerdict(answer, request.requestId(), request.listId());
  }

  private void tellVerdict(Answer answer, String requestId, String list) {
    List<ReasonCode> reasons = reasons(answer.reasons);
    Long notBefore = answer.notBefore == 0 ? null : answer.notBefore;
    Integer epoch = answer.variant == null ? null : answer.epoch;
    String variant = answer.verdict == Verdict.ALLOW ? answer.variant : null;
    out.write(
        new SendVerdict(
            Hash.id(
                "verdict",
                recipientId,
                requestId,
                answer.verdict,
                answer.reasons,
                answer.decidedAt,
                notBefore,
                answer.expiresAt,
                variant,
                epoch),
            answer.decidedAt,
            moment.wallMillis(),
            reasons,
            nextSeq(),
            policies.at(answer.decidedAt).of(list).version(),
            requestId,
            recipientId,
            answer.verdict,
            notBefore,
            answer.expiresAt,
            variant,
            variant == null ? null : epoch));
  }

  private static int bit(ReasonCode reason) {
    return 1 << reason.ordinal();
  }

  private static int bits(List<ReasonCode> reasons) {
    int bits = 0;
    for (ReasonCode reason : reasons) {
      bits |= bit(reason);
    }
    return bits;
  }

  private static List<ReasonCode> reasons(int bits) {
    List<ReasonCode> reasons = new ArrayList<>(2);
    for (ReasonCode reason : REASONS) {
      if ((bits & bit(reason)) != 0) {
        reasons.add(reason);
      }
    }
    return reasons;
  }

  // What may go out in spite of a suppression.

  /** One message that a suppression does not hold back. */
  private record Exemption(boolean confirmation, long until) {
    void use(RecipientState state, long at) {
      if (confirmation) {
        state.confirmedAt = Math.max(state.confirmedAt, at);
      } else {
        state.helpAnsweredAt = Math.max(state.helpAnsweredAt, at);
      }
    }
  }

  private Exemption exemption(SendRequest request, Standing closing, Answer granted) {
    return exemption(
        request.category(),
        request.listId(),
        tags(request),
        request.eventTime(),
        granted != null
            && granted.verdict == Verdict.ALLOW
            && closing.since() <= granted.decidedAt);
  }

  /**
   * @param granted whether it was allowed while the suppression stood already
   */
  private Exemption exemption(
      Category category, String list, List<String> tags, long at, boolean granted) {
    Scope own = state.scopeOrOthers(list);
    Scope all = Consent.all(state);
    long optedOutAt = Math.max(own == null ? 0 : own.softAt, all == null ? 0 : all.softAt);
    long confirmBy = optedOutAt + CONFIRMATION_MILLIS;
    if (category == Category.TRANSACTIONAL
        && tags.contains(CONFIRMATION_TAG)
        && at >= optedOutAt
        && at <= confirmBy
        && (granted || state.confirmedAt < optedOutAt)) {
      return new Exemption(true, confirmBy);
    }
    long helpBy = state.helpAt + HELP_MILLIS;
    if (category != Category.PROMOTIONAL
        && state.helpAt > 0
        && at >= state.helpAt
        && at <= helpBy
        && (granted || state.helpAnsweredAt < state.helpAt)) {
      return new Exemption(false, helpBy);
    }
    return null;
  }

  // What should not have gone out.

  private void watch(Sent sent, Answer answer) {
    Rules.ForList holds = policies.at(sent.time()).of(sent.listId());
    Schedule schedule =
        quietHours.of(
            recipientId,
            sent.region() == null ? state.region : sent.region(),
            sent.timeZone() == null ? state.zone : sent.timeZone(),
            holds.hours(),
            holds.countries() == null ? anywhere : holds.countries(),
            holds.law());
    Standing closing = Consent.closing(state, sent.listId());
    if (closing != null && sent.time() > closing.since()) {
      boolean granted =
          answer != null && answer.verdict == Verdict.ALLOW && closing.since() <= answer.decidedAt;
      Exemption exemption =
          exemption(sent.category(), sent.listId(), sent.tags(), sent.time(), granted);
      if (exemption == null) {
        out.write(
            BreachWatch.afterSuppression(
                sent, closing, schedule, moment, nextSeq(), holds.version()));
      } else {
        exemption.use(state, sent.time());
      }
    }
    List<Cap> limits =
        capTelling.withLaws(
            holds.limits(sent.category(), sent.listId(), sent.tags()),
            sent.category(),
            schedule,
            sent.time());
    for (Cap cap : limits) {
      int count = caps.fullest(state, cap, schedule.zones(), sent.time());
      if (count > cap.limit()) {
        out.write(
            BreachWatch.aboveCap(sent, cap, count, schedule, moment, nextSeq(), holds.version()));
      }
    }
    if (holds.hoursCategories().contains(sent.category()) && !schedule.isOpen(sent.time())) {
      out.write(BreachWatch.inQuietHours(sent, schedule, moment, nextSeq(), holds.version()));
    }
  }
}
