package io.heed.flink.sendgate;

import io.heed.core.gate.Outbox;
import io.heed.core.model.Alert;
import io.heed.core.model.Assignment;
import io.heed.core.model.Decision;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.Output;
import java.util.function.LongConsumer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Gives each decision its topic and partition. */
final class GateOutbox implements Outbox {
  private final org.apache.flink.streaming.api.operators.Output<StreamRecord<Output>> output;
  private final LongConsumer timer;
  private final StreamRecord<Output> record = new StreamRecord<>(null);

  /**
   * @param output of the operator
   * @param timer sets a timer in event time for the recipient at hand
   */
  GateOutbox(
      org.apache.flink.streaming.api.operators.Output<StreamRecord<Output>> output,
      LongConsumer timer) {
    this.output = output;
    this.timer = timer;
  }

  @Override
  public void write(Decision decision) {
    if (decision instanceof SuppressionDecision suppression) {
      write(about(suppression.recipientId(), Topic.SUPPRESSION, decision));
    } else if (decision instanceof FrequencyCapDecision cap) {
      write(about(cap.recipientId(), Topic.FREQUENCY_CAP, decision));
    } else if (decision instanceof SendVerdict verdict) {
      write(about(verdict.recipientId(), Topic.SEND_VERDICT, decision));
    } else if (decision instanceof Alert) {
      write(Output.of(Topic.ALERT, decision.key(), decision));
    } else {
      throw new IllegalStateException("the gate does not emit " + decision);
    }
  }

  private static Output about(String recipientId, Topic topic, Decision decision) {
    return Output.about(recipientId, topic, decision.key(), decision);
  }

  @Override
  public void assign(Assignment assignment) {
    String recipient = assignment.recipientId();
    write(Output.about(recipient, Topic.ASSIGNMENT, recipient, assignment));
  }

  private void write(Output out) {
    output.collect(record.replace(out));
  }

  @Override
  public void registerTimer(long eventTime) {
    timer.accept(eventTime);
  }
}
