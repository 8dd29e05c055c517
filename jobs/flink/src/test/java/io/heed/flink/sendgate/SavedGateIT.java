package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RecipientAccount;
import io.heed.core.gate.RecipientAccount.KnownMessage;
import io.heed.core.gate.RecipientAccount.Outcome;
import io.heed.core.gate.RecipientAccount.Suppression;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of the gate's operator, read by Flink's library as files. */
class SavedGateIT {
  private static final int RECIPIENTS = 200;

  @TempDir private Path directory;

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  @Test
  void oneRecipientIsReadFromACheckpointOnTheHeap() throws Exception {
    Path checkpoint = checkpoint(new HashMapStateBackend());
    assertKnown(checkpoint);
    assertThat(SavedGate.open(checkpoint.resolve("_metadata").toString()).find("r8").recipient())
        .satisfies(other -> assertThat(other.suppressions()).isEmpty());
    assertThat(SavedGate.open(checkpoint.toString()).find("nobody").recipient()).isNull();
  }

  @Test
  void oneRecipientIsReadFromACheckpointOfRocksDb() throws Exception {
    assertKnown(checkpoint(new EmbeddedRocksDBStateBackend(true)));
  }

  private static void assertKnown(Path checkpoint) throws Exception {
    SavedGate.Found found = SavedGate.open(checkpoint.toString()).find("r7");
    assertThat(found.eventTime()).isEqualTo(Instant.ofEpochMilli(NOON + 20));
    RecipientAccount account = found.recipient();
    assertThat(account.suppressions())
        .containsExactly(
            new Suppression(
                "list-1",
                SuppressionState.SUPPRESSED,
                "WEB",
                Instant.ofEpochMilli(NOON + 10),
                List.of(ReasonCode.OPTED_OUT)));
    assertThat(account.messages())
        .containsExactly(
            new KnownMessage(
                Instant.ofEpochMilli(NOON + 7),
                Category.PROMOTIONAL,
                "list-1",
                Outcome.OPEN,
                false,
                null,
                null));
    assertThat(account.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.verdict()).isEqualTo(Verdict.ALLOW);
              assertThat(request.sent()).isTrue();
            });
    assertThat(account.place().timeZone()).isEqualTo("America/New_York");
  }

  @Test
  void whatIsNoCheckpointOfTheGateIsNamed() throws Exception {
    String absent = directory.resolve("absent").toString();
    assertThatThrownBy(() -> SavedGate.open(absent)).hasMessage("there is no " + absent);
    assertThatThrownBy(() -> SavedGate.open(directory.toString()))
        .hasMessageStartingWith(directory + " is no savepoint or checkpoint that can be read");
    Path torn = Files.createDirectory(directory.resolve("torn"));
    Files.writeString(torn.resolve("_metadata"), "half a");
    assertThatThrownBy(() -> SavedGate.open(torn.toString()))
        .hasMessageStartingWith(torn + " is no savepoint or checkpoint that can be read");
    Path other = write("list-health-windows", state(new HashMapStateBackend()));
    assertThatThrownBy(() -> SavedGate.open(other.toString()))
        .hasMessage(
            other
                + " is of another job than send-gate: it has no operator with the uid"
                + " send-gate-gate");
  }

  @Test
  void stateOfAnotherVersionIsNamed() throws Exception {
    OperatorSubtaskState state;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.store("r7", new byte[] {99, 1, 2, 3});
      state = gate.snapshot();
    }
    SavedGate saved = SavedGate.open(write(SendGateTopology.GATE_UID, state).toString());
    assertThatThrownBy(() -> saved.find("r7"))
        .hasMessageContaining("was written by another version of Heed")
        .hasMessageEndingWith("state of a recipient has unknown format 99");
  }

  private Path checkpoint(StateBackend backend) throws Exception {
    TestingGateLog.reset();
    return write(SendGateTopology.GATE_UID, state(backend));
  }

  private static OperatorSubtaskState state(StateBackend backend) throws Exception {
    try (TestingGateTask gate = TestingGateTask.on(backend, null, NOON)) {
      for (int i = 0; i < RECIPIENTS; i++) {
        String recipient = "r" + i;
        gate.request(request(recipient, "q" + i, NOON), NOON);
        gate.play(sent(recipient, "m" + i, NOON + i, "q" + i));
        if (i == 7) {
          gate.play(new Revoked(recipient, NOON + 10, "list-1", null, RevocationMethod.WEB));
        }
      }
      gate.watermark(NOON + 20);
      return gate.snapshot();
    }
  }

  private Path write(String uid, OperatorSubtaskState state) throws Exception {
    OperatorState operator =
        new OperatorState("gate", uid, OperatorIdentifier.forUid(uid).getOperatorId(), 1, 128);
    operator.putState(0, state);
    Path checkpoint = Files.createTempDirectory(directory, "chk");
    try (OutputStream out = Files.newOutputStream(checkpoint.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(1, List.of(operator), List.of()), out);
    }
    return checkpoint;
  }
}
