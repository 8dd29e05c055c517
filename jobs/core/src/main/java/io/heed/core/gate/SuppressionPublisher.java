package io.heed.core.gate;

import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.hours.BusinessDays;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.rules.ErrorClass;
import java.util.LinkedHashMap;
import java.util.Map;

/** Publishes who may not be written to, when that changes. */
final class SuppressionPublisher {
  private final GateCall call;
  private final PolicyBook policies;

  SuppressionPublisher(GateCall call, PolicyBook policies) {
    this.call = call;
    this.policies = policies;
  }

  /** Whether an event may change a suppression. */
  boolean mayChange(GateEvent event) {
    if (event instanceof Sent) {
      return !call.state.pending.isEmpty() || Consent.hasTransientFailure(call.state);
    }
    if (event instanceof Receipt receipt) {
      return receipt.error() != ErrorClass.NONE || Consent.hasTransientFailure(call.state);
    }
    return event instanceof Revoked || event instanceof Consented || event instanceof Recovered;
  }

  /** What holds for each scope. */
  Map<String, SuppressionStatus> statuses() {
    Map<String, SuppressionStatus> statuses = new LinkedHashMap<>();
    Scope all = Consent.all(call.state);
    if (all != null) {
      statuses.put(Rules.ALL, Consent.of(all, all));
    }
    for (Scope scope : call.state.scopes) {
      if (!scope.name.equals(Rules.ALL) && !scope.name.equals(Scope.OTHERS)) {
        statuses.put(scope.name, Consent.of(scope, all));
      }
    }
    return statuses;
  }

  /** Publishes each scope of which something else holds than before the event. */
  void publish(Map<String, SuppressionStatus> before, GateEvent event) {
    Map<String, SuppressionStatus> after = statuses();
    for (Map.Entry<String, SuppressionStatus> each : after.entrySet()) {
      SuppressionStatus status = each.getValue();
      boolean recovered =
          event instanceof Recovered topic
              && topic.decision().scope().equals(each.getKey())
              && before.get(each.getKey()) == null
              && status != null
              && status.state() == topic.decision().state()
              && status.since() == topic.decision().since();
      if (status != null && !recovered && !status.equals(before.get(each.getKey()))) {
        call.out.write(suppression(each.getKey(), status));
      }
    }
  }

  private SuppressionDecision suppression(String scope, SuppressionStatus status) {
    boolean revoked =
        status.suppressed()
            && status.method() != RevocationMethod.INVALID_NUMBER
            && status.method() != RevocationMethod.UNREACHABLE;
    Long honourBy = revoked ? BusinessDays.honourBy(status.since()) : null;
    String method = status.method() == null ? null : status.method().name();
    return new SuppressionDecision(
        Hash.id(
            "suppression",
            call.recipientId,
            scope,
            status.state(),
            method,
            status.since(),
            honourBy,
            status.reasons()),
        status.since(),
        call.moment.wallMillis(),
        status.reasons(),
        call.nextSeq(),
        policies.at(status.since()).of(scope).version(),
        call.recipientId,
        scope,
        status.state(),
        method,
        status.since(),
        honourBy);
  }
}
