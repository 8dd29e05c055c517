package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.model.Category;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.SendRequest;
import io.heed.core.rules.ErrorClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** State that an earlier release has stored is read by this one. */
class StateFormatTest {
  private static final Path GOLDEN = Path.of("src/test/resources/gate/recipient-state-v1.hex");

  @Test
  void formatOneIsReadAndWrittenAsEver() throws Exception {
    if (Boolean.getBoolean("heed.states.write")) {
      Files.writeString(GOLDEN, HexFormat.of().formatHex(everything()) + "\n");
    }
    byte[] golden = HexFormat.of().parseHex(Files.readString(GOLDEN).strip());
    StateCodec codec = new StateCodec();
    RecipientState state = codec.read(golden);
    assertThat(codec.write(state)).isEqualTo(golden);
    RecipientState now = codec.read(everything());
    // When the gate wants to be called is no matter of the format.
    now.timerAt = state.timerAt;
    now.cleanupSet = state.cleanupSet;
    assertThat(codec.write(now)).isEqualTo(golden);
    assertThat(state.messages).hasSize(3);
    assertThat(state.message(Hash.of("m1")).outcome).isEqualTo(RecipientState.FAILED);
    assertThat(state.scope("list-1").soft).isEqualTo(RevocationMethod.WEB);
    assertThat(state.scope("*").strong).isEqualTo(ConsentMethod.PAPER);
    assertThat(state.person.borne()).isPositive();
    assertThat(state.sunsetUntil).isEqualTo(NOON + 1);
    assertThat(state.pending).hasSize(1);
    KnownRequest known = state.request(Hash.of("q1"));
    assertThat(known.expiresAt).isEqualTo(NOON + 10 * 60_000L);
    assertThat(state.drawn).containsExactly(new Drawn(new PriorAssignment("x1", "b", 2), NOON));
  }

  /** A state with something of every kind. */
  private static byte[] everything() throws ConfigException {
    ExperimentBook experiments = new ExperimentBook();
    experiments.add(TestingDraws.version("design: bandit\n"));
    experiments.add(TestingDraws.decision(ExperimentState.RUNNING, 2, Map.of("b", 1.0)));
    TestingGate gate = new TestingGate(new PolicyBook(), experiments);
    gate.request(
        new SendRequest(
            "e",
            NOON,
            RECIPIENT,
            "q1",
            "c",
            "list-2",
            Category.PROMOTIONAL,
            "x1",
            null,
            null,
            "US-NY",
            "America/New_York",
            List.of("flash")));
    gate.play(
        new GateEvent.Sunset(RECIPIENT, NOON, NOON + 1),
        sent("m1", NOON),
        GateTest.receipt("m1", NOON + 1, DeliveryStatus.FAILED, ErrorClass.TRANSIENT),
        sent(
            "c1",
            NOON + 2,
            "list-1",
            null,
            Category.TRANSACTIONAL,
            List.of(Exemption.CONFIRMATION_TAG)),
        GateTest.receipt("m2", NOON + 1, DeliveryStatus.DELIVERED, ErrorClass.NONE),
        GateTest.optOut("list-1", NOON + 3, RevocationMethod.WEB),
        GateTest.optIn("list-1", NOON + 4, ConsentMethod.IMPORT),
        GateTest.optOut("*", NOON + 5, RevocationMethod.COMPLAINT),
        GateTest.optIn("*", NOON + 6, ConsentMethod.PAPER),
        GateTest.optIn("*", NOON + 7, ConsentMethod.KEYWORD),
        new GateEvent.HelpRequested(RECIPIENT, NOON + 8),
        new Revoked(RECIPIENT, NOON + 9, null, "m9", RevocationMethod.FUZZY));
    gate.request(request("q2", NOON + HOUR));
    return gate.state;
  }
}
