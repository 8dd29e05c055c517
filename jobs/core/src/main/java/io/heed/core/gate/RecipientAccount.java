package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.PersonState;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the gate knows of one recipient, for people to read. Of messages and requests the gate keeps
 * hashes of their ids, which are not given here. What is absent is null or empty; lists are in
 * order of time.
 *
 * @param place what the newest send that names one says of where the recipient is
 * @param suppressions by scope; {@link #OTHER_LISTS} is every list without one of its own
 * @param consents opt-ins on record
 * @param waitingReplies replies whose message the gate does not know yet
 * @param messages that count for caps, or whose receipt came before them
 * @param touches of other channels, that count for caps
 * @param requests that have their verdict, or whose message went out
 * @param experiments variants and hold-outs that the recipient keeps
 * @param helpAt the newest reply that requests help
 * @param helpAnsweredAt the newest permission to answer one
 * @param confirmedAt the newest confirmation of an opt-out
 * @param sunset what the optimizer's newest signal SUNSET says
 * @param evictedUntil by category the newest instant of a message that was evicted to keep this
 *     bounded
 * @param reservedUntil by category the latest end of a reservation that was evicted
 * @param value what the optimizer knows of the person
 * @param comparisons how many comparisons of the optimizer with plain caps the person has entered
 */
public record RecipientAccount(
    Place place,
    List<Suppression> suppressions,
    List<OptedIn> consents,
    List<WaitingReply> waitingReplies,
    List<KnownMessage> messages,
    List<KnownTouch> touches,
    List<DecidedRequest> requests,
    List<KeptVariant> experiments,
    Instant helpAt,
    Instant helpAnsweredAt,
    Instant confirmedAt,
    Sunset sunset,
    Map<Category, Instant> evictedUntil,
    Map<Category, Instant> reservedUntil,
    Value value,
    int comparisons) {

  /** Scope of every list without an entry of its own. */
  public static final String OTHER_LISTS = "other lists";

  /** Where the recipient is. */
  public record Place(String region, String timeZone, Instant since) {}

  /**
   * What is known of consent in one scope.
   *
   * @param method how it came to be; null where a revocation turned out not to be about the scope
   */
  public record Suppression(
      String scope,
      SuppressionState state,
      String method,
      Instant since,
      List<ReasonCode> reasons) {}

  /** An opt-in on record. */
  public record OptedIn(String scope, ConsentMethod method, Instant at) {}

  /** A reply whose message is not known; method is of a revocation or a consent. */
  public record WaitingReply(Instant at, boolean revokes, String method) {}

  /** What became of a message. */
  public enum Outcome {
    OPEN,
    FAILED,
    DELIVERED,
    CLICKED
  }

  /**
   * A message.
   *
   * @param category null until its send arrives
   * @param list null until its send arrives
   * @param failedAt the first receipt of a transient failure
   * @param lastFailedAt the last one
   */
  public record KnownMessage(
      Instant at,
      Category category,
      String list,
      Outcome outcome,
      boolean optOutConfirmation,
      Instant failedAt,
      Instant lastFailedAt) {}

  /** Another channel's touch. */
  public record KnownTouch(Instant at, String channel) {}

  /**
   * A request.
   *
   * @param verdict null if the message came before its request
   * @param sent whether the message went out
   * @param propensity probability of the verdict, 1 where chance had no part
   * @param valueVerdict what the optimizer would have decided, in its shadow mode
   * @param value the figures that the optimizer decided by
   */
  public record DecidedRequest(
      Instant decidedAt,
      Verdict verdict,
      List<ReasonCode> reasons,
      Category category,
      String list,
      Instant notBefore,
      Instant expiresAt,
      boolean sent,
      String variant,
      int epoch,
      String modelVersion,
      double propensity,
      Verdict valueVerdict,
      MessageValue value) {}

  /** An assignment to an experiment. */
  public record KeptVariant(String experiment, String variant, int epoch, Instant lastUsed) {}

  /**
   * What the optimizer knows.
   *
   * @param expectedClicks clicks that anybody would have made on the same messages
   */
  public record Value(
      int messagesBorne,
      int clicks,
      double expectedClicks,
      LocalDate lastDay,
      LocalDate lastConversion) {}

  /**
   * A signal SUNSET.
   *
   * @param until until when a message costs more than it brings; null if it does not any more
   */
  public record Sunset(Instant since, Instant until) {}

  /**
   * Reads what the gate stores of a recipient.
   *
   * @throws BinaryException if it is none, or another version of Heed stored it
   */
  public static RecipientAccount of(byte[] stored) throws BinaryException {
    return of(new StateCodec().read(stored));
  }

  static RecipientAccount of(RecipientState state) {
    return new RecipientAccount(
        state.placeAt == 0 ? null : new Place(state.region, state.zone, instant(state.placeAt)),
        suppressions(state),
        consents(state),
        state.pending.stream()
            .sorted(Comparator.comparingLong(Pending::time))
            .map(RecipientAccount::waiting)
            .toList(),
        messages(state, false).map(RecipientAccount::message).toList(),
        messages(state, true).map(m -> new KnownTouch(instant(m.time), m.list)).toList(),
        state.requests.stream()
            .sorted(Comparator.comparingLong(request -> request.decidedAt))
            .map(RecipientAccount::decided)
            .toList(),
        state.drawn.stream()
            .sorted(Comparator.comparingLong(Drawn::lastAt))
            .map(RecipientAccount::kept)
            .toList(),
        instant(state.helpAt),
        instant(state.helpRepliedAt),
        instant(state.confirmedAt),
        state.sunsetAt == 0
            ? null
            : new Sunset(instant(state.sunsetAt), instant(state.sunsetUntil)),
        byCategory(state.evictedUntil),
        byCategory(state.reservedUntil),
        value(state.person),
        state.entered.size());
  }

  private static Map<Category, Instant> byCategory(long[] instants) {
    Map<Category, Instant> known = new EnumMap<>(Category.class);
    for (Category category : Category.values()) {
      if (instants[category.ordinal()] > 0) {
        known.put(category, instant(instants[category.ordinal()]));
      }
    }
    return known;
  }

  private static List<Suppression> suppressions(RecipientState state) {
    List<Suppression> found = new ArrayList<>();
    Scope all = Consent.all(state);
    add(found, Rules.ALL, Consent.of(all, all));
    for (Scope scope : state.scopes) {
      if (!scope.name.equals(Rules.ALL)) {
        add(found, name(scope), Consent.of(scope, all));
      }
    }
    return found;
  }

  private static void add(List<Suppression> found, String scope, SuppressionStatus status) {
    if (status != null) {
      found.add(
          new Suppression(
              scope,
              status.state(),
              status.method() == null ? null : status.method().name(),
              instant(status.since()),
              status.reasons()));
    }
  }

  private static List<OptedIn> consents(RecipientState state) {
    List<OptedIn> consents = new ArrayList<>();
    for (Scope scope : state.scopes) {
      add(consents, scope, scope.strong, scope.strongAt);
      add(consents, scope, ConsentMethod.KEYWORD, scope.startAt);
      add(
          consents,
          scope,
          scope.importProven ? ConsentMethod.IMPORT : ConsentMethod.UNPROVEN_IMPORT,
          scope.importedAt);
    }
    consents.sort(Comparator.comparing(OptedIn::at));
    return consents;
  }

  private static void add(List<OptedIn> consents, Scope scope, ConsentMethod method, long at) {
    if (at > 0) {
      consents.add(new OptedIn(name(scope), method, instant(at)));
    }
  }

  private static String name(Scope scope) {
    return scope.name.equals(Scope.OTHERS) ? OTHER_LISTS : scope.name;
  }

  private static Stream<Message> messages(RecipientState state, boolean touches) {
    return state.messages.stream()
        .filter(message -> message.touch == touches)
        .sorted(Comparator.comparingLong(message -> message.time));
  }

  private static KnownMessage message(Message message) {
    return new KnownMessage(
        instant(message.time),
        message.category,
        message.list,
        Outcome.values()[message.outcome],
        message.confirmation,
        instant(message.failedAt),
        instant(message.lastFailedAt));
  }

  private static WaitingReply waiting(Pending reply) {
    boolean revokes = reply.revoked() != null;
    Enum<?> method = revokes ? reply.revoked() : reply.consented();
    return new WaitingReply(instant(reply.time()), revokes, method.name());
  }

  private static DecidedRequest decided(KnownRequest request) {
    List<ReasonCode> reasons = new ArrayList<>();
    for (ReasonCode reason : ReasonCode.values()) {
      if ((request.reasons & 1 << reason.ordinal()) != 0) {
        reasons.add(reason);
      }
    }
    return new DecidedRequest(
        instant(request.decidedAt),
        request.verdict,
        reasons,
        request.category,
        request.list,
        instant(request.notBefore),
        instant(request.expiresAt),
        request.used,
        request.variant,
        request.epoch,
        request.modelVersion,
        request.propensity,
        request.valueVerdict,
        request.value);
  }

  private static KeptVariant kept(Drawn drawn) {
    PriorAssignment draw = drawn.draw();
    return new KeptVariant(
        draw.experimentId(), draw.variantId(), draw.epoch(), instant(drawn.lastAt()));
  }

  private static Value value(PersonState person) {
    return person == null
        ? null
        : new Value(
            person.borne(),
            person.clicks(),
            person.expectedClicks() / (double) PersonState.EXPECTED_UNIT,
            day(person.lastDay()),
            day(person.lastConversionDay()));
  }

  private static LocalDate day(int epochDay) {
    return epochDay == 0 ? null : LocalDate.ofEpochDay(epochDay);
  }

  private static Instant instant(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis);
  }
}
