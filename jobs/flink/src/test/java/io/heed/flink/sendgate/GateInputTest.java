package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Erasure;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import io.heed.core.rules.ErrorClass;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GateInputTest {
  private static final TypeSerializer<GateInput> TYPE = GateInput.TYPE.createSerializer(null);

  static Stream<GateInput> inputs() {
    Stream<GateEvent> events =
        Stream.of(
            TestingGateTask.sent("r1", "m1", NOON, "q1"),
            new GateEvent.Sent(
                "r1",
                NOON,
                false,
                "m",
                "c",
                "l",
                Category.TRANSACTIONAL,
                null,
                null,
                null,
                List.of("a", "b"),
                new PriorAssignment("x1", "b", 2)),
            new GateEvent.Exposed("r1", NOON, new PriorAssignment("x1", "holdout", 0)),
            new GateEvent.Receipt(
                "r1", NOON, "m", DeliveryStatus.UNDELIVERED, ErrorClass.TRANSIENT),
            new GateEvent.Requested(TestingGateTask.request("r1", "q1", NOON), NOON + 1),
            new GateEvent.Revoked("r1", NOON, null, "m", RevocationMethod.FUZZY),
            new GateEvent.Consented("r1", NOON, "*", null, ConsentMethod.PAPER),
            new GateEvent.HelpRequested("r1", NOON),
            new GateEvent.Invalid("r1", NOON, "q1"),
            new GateEvent.Erased(
                new Erasure(
                    "e", NOON, "r1", "hash", List.of(new KeptSuppression("*", null, NOON)))),
            new GateEvent.Touched("r1", NOON, "e", "email"),
            new GateEvent.Recovered(
                new SuppressionDecision(
                    "",
                    NOON,
                    0,
                    List.of(),
                    7,
                    null,
                    "r1",
                    "*",
                    SuppressionState.ALLOWED,
                    null,
                    NOON,
                    null)));
    return Stream.concat(
        events.map(event -> GateInput.of(event, 3, 1L << 40)),
        Stream.of(
            GateInput.of(
                "\u00001", List.of(new GateInput.Position(TestingGateLog.part(Topic.SEND), 5))),
            GateInput.of("\u00000", new ConfigVersion("policy", "p", "h", 1, 2, "id: p")),
            GateInput.of("\u00000", GateExperimentsTest.decision(ExperimentState.WINNER, 1, "a"))));
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void readsWhatItWrote(GateInput input) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TYPE.serialize(input, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    assertThat(TYPE.deserialize(in)).isEqualTo(input);
    assertThat(in.available()).isZero();
  }

  @Test
  void stateOfTheGateIsReadAsItWasWritten() throws Exception {
    RunState run =
        new RunState(
            NOON,
            NOON + 1,
            Map.of(TestingGateLog.part(Topic.SEND), 5L),
            Map.of(TestingGateLog.part(Topic.SUPPRESSION), 6L),
            Map.of(TestingGateLog.part(Topic.SEND_VERDICT), 7L),
            "rules",
            BitSet.valueOf(new long[] {5, 1}));
    DataOutputSerializer out = new DataOutputSerializer(64);
    new RunState.Serializer().serialize(run, out);
    assertThat(
            new RunState.Serializer().deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(run);
  }
}
