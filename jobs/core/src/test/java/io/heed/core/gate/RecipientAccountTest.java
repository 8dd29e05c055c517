package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpRequested;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RecipientAccount.KeptVariant;
import io.heed.core.gate.RecipientAccount.OptedIn;
import io.heed.core.gate.RecipientAccount.Outcome;
import io.heed.core.gate.RecipientAccount.Suppression;
import io.heed.core.gate.RecipientAccount.WaitingReply;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.model.Category;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.MessageValue;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.ErrorClass;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RecipientAccountTest {
  @Test
  void statesEveryFact() throws BinaryException {
    TestingGate gate = new TestingGate();
    gate.play(
        new Consented(RECIPIENT, NOON - HOUR, "list-1", null, ConsentMethod.PAPER),
        new Consented(RECIPIENT, NOON - 2 * HOUR, "*", null, ConsentMethod.IMPORT),
        new Requested(request("q1", NOON), NOON),
        sent("m1", NOON + 1),
        new Clicked(RECIPIENT, NOON + HOUR, "m1", false),
        sent("m0", NOON - 26 * HOUR),
        new Receipt(
            RECIPIENT,
            NOON - 25 * HOUR,
            "m0",
            DeliveryStatus.UNDELIVERED,
            ErrorClass.INVALID_NUMBER),
        new Revoked(RECIPIENT, NOON + 2 * HOUR, null, "unknown", RevocationMethod.KEYWORD),
        new Exposed(RECIPIENT, NOON, new PriorAssignment("x1", "b", 2)),
        new HelpRequested(RECIPIENT, NOON + 3 * HOUR));

    RecipientAccount account = RecipientAccount.of(gate.state);

    assertThat(account.suppressions())
        .containsExactly(
            new Suppression(
                "*",
                SuppressionState.SUPPRESSED,
                "INVALID_NUMBER",
                Instant.ofEpochMilli(NOON + 2 * HOUR),
                List.of(ReasonCode.INVALID_NUMBER, ReasonCode.OPTED_OUT)),
            new Suppression(
                "list-1",
                SuppressionState.ALLOWED,
                "PAPER",
                Instant.ofEpochMilli(NOON - HOUR),
                List.of(ReasonCode.WITHIN_POLICY)));
    assertThat(account.consents())
        .containsExactly(
            new OptedIn("*", ConsentMethod.IMPORT, Instant.ofEpochMilli(NOON - 2 * HOUR)),
            new OptedIn("list-1", ConsentMethod.PAPER, Instant.ofEpochMilli(NOON - HOUR)));
    assertThat(account.waitingReplies())
        .containsExactly(new WaitingReply(Instant.ofEpochMilli(NOON + 2 * HOUR), true, "KEYWORD"));
    assertThat(account.messages())
        .extracting(RecipientAccount.KnownMessage::outcome)
        .containsExactly(Outcome.FAILED, Outcome.CLICKED);
    assertThat(account.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.verdict()).isEqualTo(Verdict.ALLOW);
              assertThat(request.reasons()).containsExactly(ReasonCode.WITHIN_POLICY);
              assertThat(request.list()).isEqualTo("list-1");
            });
    assertThat(account.experiments())
        .containsExactly(new KeptVariant("x1", "b", 2, Instant.ofEpochMilli(NOON)));
    assertThat(account.helpAt()).isEqualTo(Instant.ofEpochMilli(NOON + 3 * HOUR));
    assertThat(account.value().messagesBorne()).isEqualTo(2);
    assertThat(account.value().clicks()).isEqualTo(1);
  }

  /** Hashes of ids, and what the gate keeps for itself alone. */
  private static final Set<String> NOT_STATED =
      Set.of(
          "RecipientState.lastSeq",
          "RecipientState.timerAt",
          "RecipientState.cleanupSet",
          "RecipientState.publishedCaps",
          "Message.hash",
          "Message.tags",
          "KnownRequest.hash",
          "KnownRequest.tags",
          "KnownRequest.campaignHash");

  /** A field that is added to the state and not here is found. */
  @Test
  void everyFieldOfTheStateIsStated() throws Exception {
    Set<String> unstated = new TreeSet<>();
    for (Class<?> type : List.of(RecipientState.class, Message.class, KnownRequest.class)) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          RecipientState changed = everything();
          Object holder =
              type == Message.class
                  ? changed.messages.get(0)
                  : type == KnownRequest.class ? changed.requests.get(0) : changed;
          change(field, holder);
          if (RecipientAccount.of(changed).equals(RecipientAccount.of(everything()))) {
            unstated.add(type.getSimpleName() + "." + field.getName());
          }
        }
      }
    }
    assertThat(unstated).containsExactlyInAnyOrderElementsOf(NOT_STATED);
  }

  private static RecipientState everything() {
    RecipientState state = new RecipientState();
    state.placeAt = state.helpAt = state.helpRepliedAt = state.confirmedAt = NOON;
    state.sunsetAt = state.sunsetUntil = NOON;
    state.zone = "America/New_York";
    state.region = "US-NY";
    state.person = PersonState.NEW.withMessage(20_000, 51);
    Message message = state.messageOrNew(1, NOON);
    message.category = Category.PROMOTIONAL;
    message.list = "list-1";
    message.failedAt = message.lastFailedAt = NOON;
    state.scopeOrNew("list-1").revoke(RevocationMethod.WEB, NOON);
    state.pending.add(new Pending(2, NOON, RevocationMethod.KEYWORD, null));
    KnownRequest request = state.requestOrNew(3);
    request.verdict = request.valueVerdict = Verdict.ALLOW;
    request.category = Category.PROMOTIONAL;
    request.list = "list-1";
    request.decidedAt = request.expiresAt = request.notBefore = NOON;
    request.variant = "b";
    request.modelVersion = "m";
    request.value = new MessageValue("WANTED", 1, 0.5, 2);
    state.drawn.add(new Drawn(new PriorAssignment("x1", "b", 2), NOON));
    state.entered.add(4);
    state.evictedUntil[0] = state.reservedUntil[0] = NOON;
    state.setPublished(Category.PROMOTIONAL, "*", 5);
    return state;
  }

  private static void change(Field field, Object holder) throws ReflectiveOperationException {
    Class<?> type = field.getType();
    Object value = field.get(holder);
    if (type == long.class) {
      field.setLong(holder, (long) value + 1);
    } else if (type == int.class) {
      field.setInt(holder, (int) value + 1);
    } else if (type == double.class) {
      field.setDouble(holder, (double) value / 2);
    } else if (type == boolean.class) {
      field.setBoolean(holder, !(boolean) value);
    } else if (type == String.class) {
      field.set(holder, value + "x");
    } else if (type.isEnum()) {
      field.set(holder, type.getEnumConstants()[((Enum<?>) value).ordinal() + 1]);
    } else if (type == int[].class) {
      field.set(holder, new int[] {7});
    } else if (type == long[].class) {
      ((long[]) value)[0]++;
    } else if (value instanceof List<?> list) {
      list.clear();
    } else {
      field.set(holder, null);
    }
  }
}
