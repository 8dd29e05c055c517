package io.heed.flink.sendgate;

import io.heed.core.model.Topic;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.KafkaOutputs;
import io.heed.flink.streaming.KafkaRights;
import io.heed.flink.streaming.Output;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Wires the send gate. */
public final class SendGateTopology {
  /** Name of the job. */
  public static final String JOB = "send-gate";

  /** Of the operator that keeps what is known of each recipient. */
  static final String GATE_UID = JOB + "-gate";

  /**
   * What the gate reads. Its own suppressions are its memory where state was lost; what is decided
   * about experiments is what it draws by, and who was exposed already keeps the variant.
   */
  static final List<Topic> INPUTS =
      List.of(
          Topic.SEND,
          Topic.DELIVERY,
          Topic.REPLY,
          Topic.OPT_OUT,
          Topic.OPT_IN,
          Topic.TOUCH,
          Topic.ASSIGNMENT,
          Topic.SEND_REQUEST,
          Topic.SUPPRESSION,
          Topic.EXPERIMENT,
          Topic.CLICK,
          Topic.VALUE_MODEL,
          Topic.RECIPIENT_SIGNAL,
          Topic.CONFIG,
          Topic.ERASURE);

  /** What the job needs in Kafka; verdicts and heartbeats of before it reads at a start. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(
              JOB,
              INPUTS,
              List.of(
                  Topic.SUPPRESSION,
                  Topic.FREQUENCY_CAP,
                  Topic.SEND_VERDICT,
                  Topic.HEARTBEAT,
                  Topic.ASSIGNMENT,
                  Topic.ALERT))
          .reading(Topic.SEND_VERDICT, Topic.HEARTBEAT);

  private SendGateTopology() {}

  /** From Kafka to Kafka. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Input> inputs = KafkaInputs.read(env, options, JOB, INPUTS);
    Outputs emitted = decide(inputs, options, new KafkaLog.Opener(options, INPUTS));
    KafkaOutputs.write(emitted.decisions(), options, JOB, "decisions");
    KafkaOutputs.write(emitted.notices(), options, JOB, "notices");
  }

  /**
   * The outputs of the gate. Not one stream: a sink with two inputs is not chained to the gate, and
   * every decision would travel between two threads.
   *
   * @param decisions about recipients
   * @param notices heartbeats, and alerts about what cannot be used
   */
  record Outputs(DataStream<Output> decisions, DataStream<Output> notices) {}

  /** Everything that the gate emits about its inputs. */
  static Outputs decide(DataStream<Input> inputs, JobOptions options, GateLog.Opener log) {
    SingleOutputStreamOperator<GateInput> taken =
        inputs.transform("intake", GateInput.TYPE, new Intake()).uid(JOB + "-intake");
    SingleOutputStreamOperator<Output> decided =
        taken
            .keyBy(GateInput::key, Types.STRING)
            .transform("gate", Output.TYPE, new GateOperator(options, log))
            .uid(GATE_UID);
    DataStream<Output> heartbeats =
        decided
            .getSideOutput(GateOperator.READINESS)
            .process(new Heartbeats())
            .returns(Output.TYPE)
            .uid(JOB + "-heartbeats")
            .setParallelism(1);
    return new Outputs(decided, heartbeats.union(taken.getSideOutput(Intake.ALERTS)));
  }
}
