package io.heed.flink.experiments;

import io.heed.core.experiments.Recipient;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.KafkaOutputs;
import io.heed.flink.streaming.KafkaRights;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.ReadableEvents;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Wires the job. Each recipient's operator emits how counts change and adds the changes up before
 * they travel to their experiment, so that one experiment that takes all the traffic costs its
 * operator a few records a second.
 */
public final class ExperimentsTopology {
  /** Name of the job, prefix of its uids. */
  public static final String JOB = "experiments";

  private static final List<Topic> TOPICS =
      List.of(
          Topic.SEND,
          Topic.ASSIGNMENT,
          Topic.DELIVERY,
          Topic.CLICK,
          Topic.REPLY,
          Topic.OPT_OUT,
          Topic.CONVERSION,
          Topic.ERASURE);

  /** What the job needs in Kafka. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(JOB, TOPICS, List.of(Topic.EXPERIMENT, Topic.EXPERIMENT_RESULT, Topic.ALERT))
          .reading(Topic.CONFIG);

  private ExperimentsTopology() {}

  /** From Kafka to Kafka. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Input> inputs = KafkaInputs.read(env, options, JOB, TOPICS);
    DataStream<ConfigVersion> updates = ConfigTopic.updates(env, options, JOB);
    DataStream<Output> outputs = evaluate(inputs, updates, options, KnownVersions.inKafka(options));
    KafkaOutputs.write(outputs, options, JOB, "outputs");
  }

  /** From inputs with timestamps and watermarks to decisions, rows and alerts. */
  static DataStream<Output> evaluate(
      DataStream<Input> inputs,
      DataStream<ConfigVersion> updates,
      JobOptions options,
      KnownVersions known) {
    return inputs
        .flatMap(new ReadableEvents())
        .returns(CompactTypeInfo.EVENT)
        .uid(JOB + "-events")
        .filter(Recipient::concerns)
        .uid(JOB + "-filter")
        .keyBy(Event::recipientId, Types.STRING)
        .connect(updates.broadcast())
        .transform(
            "recipients", ExperimentSerializers.COUNT_CHANGE, new EnrolmentOperator(options, known))
        .uid(JOB + "-recipients")
        .keyBy(CountChange::experimentId, Types.STRING)
        .connect(updates.broadcast())
        .transform("evaluations", Output.TYPE, new ExperimentOperator(options, known))
        .uid(JOB + "-evaluations");
  }
}
