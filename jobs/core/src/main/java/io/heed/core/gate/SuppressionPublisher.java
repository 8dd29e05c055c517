package io.heed.core.gate;

import io.heed.core.gate.Consent.Standing;
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
  Map<String, Standing> standings() {
    Map<String, Standing> standings = new LinkedHashMap<>();
    Scope all = Consent.all(call.state);
    if (all != null) {
      standings.put(Rules.ALL, Consent.of(all, all));
    }
    for (Scope scope : call.state.scopes) {
      if (!scope.name.equals(Rules.ALL) && !scope.name.equals(Scope.OTHERS)) {
        standings.put(scope.name, Consent.of(scope, all));
      }
    }
    return standings;
  }

  /** Publishes each scope of which something else holds than before the event. */
  void publish(Map<String, Standing> before, GateEvent event) {
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
        call.out.write(suppression(each.getKey(), standing));
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
            call.recipientId,
            scope,
            standing.state(),
            method,
            standing.since(),
            honourBy,
            standing.reasons()),
        standing.since(),
        call.moment.wallMillis(),
        standing.reasons(),
        call.nextSeq(),
        policies.at(standing.since()).of(scope).version(),
        call.recipientId,
        scope,
        standing.state(),
        method,
        standing.since(),
        honourBy);
  }
}
