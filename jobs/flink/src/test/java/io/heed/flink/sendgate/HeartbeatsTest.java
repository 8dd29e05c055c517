package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeartbeatsTest {
  private OneInputStreamOperatorTestHarness<Readiness, Output> harness;

  @BeforeEach
  void open() throws Exception {
    harness = new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(new Heartbeats()));
    harness.setProcessingTime(500);
    harness.setup(Output.TYPE.createSerializer(null));
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void theLeastCompleteTaskCounts() throws Exception {
    report(0, 2, 7, 300, true);
    assertThat(heartbeats()).as("one of two tasks").isEmpty();
    report(1, 2, 7, 200, true);
    assertThat(heartbeats()).containsExactly(new Heartbeat(7, 200, true, 500, "gate", 101L));
    report(1, 2, 7, 400, true);
    report(0, 2, 7, 350, false);
    assertThat(heartbeats()).containsExactly(new Heartbeat(7, 350, false, 500, "gate", 101L));
  }

  @Test
  void aTaskThatReportsTwiceSpeaksForItselfAlone() throws Exception {
    report(0, 2, 7, 300, true);
    report(0, 2, 7, 310, true);
    report(0, 2, 8, 310, true);
    assertThat(heartbeats()).isEmpty();
    report(1, 2, 7, 320, true);
    assertThat(heartbeats()).extracting(Heartbeat::stateTime).containsExactly(310L);
  }

  @Test
  void whatIsNotKnownIsTheBeginningOfTime() throws Exception {
    report(0, 1, 0, Progress.UNKNOWN, false);
    assertThat(heartbeats()).containsExactly(new Heartbeat(0, 0, false, 500, "gate", 100L));
  }

  private void report(int subtask, int subtasks, int partition, long stateTime, boolean ready)
      throws Exception {
    harness.processElement(
        new StreamRecord<>(
            new Readiness(subtask, subtasks, partition, stateTime, "gate", 100 + subtask, ready)));
  }

  private List<Heartbeat> heartbeats() throws Exception {
    List<Heartbeat> heartbeats = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      Heartbeat heartbeat = JsonCodec.of(Heartbeat.class).read(output.value());
      assertThat(output.key()).isEqualTo("" + heartbeat.partition());
      heartbeats.add(heartbeat);
    }
    harness.getOutput().clear();
    return heartbeats;
  }
}
