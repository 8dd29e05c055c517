package io.heed.cli.explain;

import io.heed.core.gate.RecipientAccount;
import io.heed.core.gate.RecipientAccount.DecidedRequest;
import io.heed.core.gate.RecipientAccount.KnownMessage;
import io.heed.core.gate.RecipientAccount.Sunset;
import io.heed.core.gate.RecipientAccount.Suppression;
import io.heed.core.gate.RecipientAccount.Value;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.flink.sendgate.SavedGate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the gate knows of a recipient, as lines for a terminal. */
final class AccountText {
  private final List<String> lines = new ArrayList<>();

  private AccountText() {}

  /** The lines of one who was found. */
  static List<String> lines(String recipient, SavedGate.Found found) {
    RecipientAccount account = found.recipient();
    AccountText text = new AccountText();
    text.lines.add("Recipient " + recipient);
    text.lines.add(
        found.eventTime() == null
            ? "before the first watermark"
            : "at event time " + found.eventTime());
    if (account.place() != null) {
      text.add(
          "Place",
          List.of(account.place()),
          place -> "%s, %s, since %s".formatted(place.region(), place.timeZone(), place.since()));
    }
    text.add("Suppressions", account.suppressions(), AccountText::suppression);
    text.add(
        "Consent on record",
        account.consents(),
        consent -> "%s %s by %s".formatted(consent.at(), scope(consent.scope()), consent.method()));
    text.add(
        "Replies that wait for their message",
        account.waitingReplies(),
        reply ->
            "%s %s by %s"
                .formatted(reply.at(), reply.revokes() ? "revocation" : "consent", reply.method()));
    text.add("Messages", account.messages(), AccountText::message);
    text.add(
        "Touches of other channels",
        account.touches(),
        touch -> touch.at() + " " + touch.channel());
    text.add("Requests", account.requests(), AccountText::request);
    text.add(
        "Experiments",
        account.experiments(),
        kept ->
            "%s variant %s, epoch %d, last used %s"
                .formatted(kept.experiment(), kept.variant(), kept.epoch(), kept.lastUsed()));
    text.add(
        "Messages that were evicted: caps are full in windows that reach back to",
        account.evictedUntil().entrySet(),
        until -> "%s %s".formatted(until.getValue(), until.getKey()));
    text.add(
        "Reservations that were evicted: slots are held until",
        account.reservedUntil().entrySet(),
        until -> "%s %s".formatted(until.getValue(), until.getKey()));
    text.addInstant("Newest reply that requests help", account.helpAt());
    text.addInstant("Newest permission to answer it", account.helpAnsweredAt());
    text.addInstant("Newest confirmation of an opt-out", account.confirmedAt());
    if (account.sunset() != null) {
      text.add("Newest signal SUNSET", List.of(account.sunset()), AccountText::sunset);
    }
    if (account.value() != null) {
      text.add("What the optimizer knows", List.of(account.value()), AccountText::value);
    }
    if (account.comparisons() > 0) {
      text.add(
          "Comparisons of the optimizer that were entered",
          List.of(account.comparisons()),
          Object::toString);
    }
    return text.lines;
  }

  private void addInstant(String title, Instant instant) {
    if (instant != null) {
      add(title, List.of(instant), Object::toString);
    }
  }

  private static String sunset(Sunset sunset) {
    return sunset.until() == null
        ? "cleared " + sunset.since()
        : "set %s, holds until %s".formatted(sunset.since(), sunset.until());
  }

  private static String value(Value value) {
    return "%d promotional messages, %d clicks (%.2f expected), newest day %s%s"
        .formatted(
            value.messagesBorne(),
            value.clicks(),
            value.expectedClicks(),
            value.lastDay(),
            value.lastConversion() == null ? "" : ", last conversion " + value.lastConversion());
  }

  private <T> void add(String title, Collection<T> facts, Function<T, String> line) {
    if (!facts.isEmpty()) {
      lines.add("");
      lines.add(title);
      facts.forEach(fact -> lines.add("  " + line.apply(fact)));
    }
  }

  private static String suppression(Suppression known) {
    String by = known.method() == null ? "" : ", by " + known.method();
    return known.state() == SuppressionState.SUPPRESSED
        ? "%s must not be texted since %s: %s%s"
            .formatted(scope(known.scope()), known.since(), reasons(known.reasons()), by)
        : "%s is open since %s%s".formatted(scope(known.scope()), known.since(), by);
  }

  private static String message(KnownMessage message) {
    String what =
        message.category() == null
            ? "whose send is not known yet"
            : message.category()
                + (message.optOutConfirmation() ? " (opt-out confirmation)" : "")
                + " on list "
                + message.list();
    String failed =
        message.failedAt() == null
            ? ""
            : ", transient failures from %s to %s"
                .formatted(message.failedAt(), message.lastFailedAt());
    return "%s %s, %s%s".formatted(message.at(), what, message.outcome(), failed);
  }

  private static String request(DecidedRequest request) {
    if (request.verdict() == null) {
      return "%s message went out before its request".formatted(request.decidedAt());
    }
    Category category = request.category();
    return "%s %s: %s%s%s%s, until %s%s%s"
        .formatted(
            request.decidedAt(),
            request.verdict(),
            reasons(request.reasons()),
            category == null ? "" : ", " + category + " on list " + request.list(),
            request.notBefore() == null ? "" : ", not before " + request.notBefore(),
            request.variant() == null
                ? ""
                : ", variant %s of epoch %d".formatted(request.variant(), request.epoch()),
            request.expiresAt(),
            request.sent() ? ", sent" : "",
            optimised(request));
  }

  /** The optimizer's part in a verdict. */
  private static String optimised(DecidedRequest request) {
    MessageValue value = request.value();
    return (request.modelVersion() == null
            ? ""
            : ", by model %s with probability %s"
                .formatted(request.modelVersion(), request.propensity()))
        + (request.valueVerdict() == null ? "" : ", would be " + request.valueVerdict())
        + (value == null
            ? ""
            : ", %s: brings %d micros, hazard %s, subscriber %d micros"
                .formatted(
                    value.cause(), value.bringsMicros(), value.hazard(), value.subscriberMicros()));
  }

  private static String reasons(List<ReasonCode> reasons) {
    return reasons.stream().map(Enum::name).collect(Collectors.joining(", "));
  }

  private static String scope(String scope) {
    return scope.equals("*")
        ? "everything"
        : scope.equals(RecipientAccount.OTHER_LISTS) ? scope : "list " + scope;
  }
}
