package io.heed.flink.attribution;

import io.heed.core.attribution.Attribution;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
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
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Wires the job. */
public final class AttributionTopology {
  /** Name of the job, prefix of its uids. */
  public static final String JOB = "attribution";

  private static final List<Topic> TOPICS =
      List.of(
          Topic.SEND,
          Topic.DELIVERY,
          Topic.CLICK,
          Topic.TOUCH,
          Topic.REPLY,
          Topic.OPT_OUT,
          Topic.CONVERSION,
          Topic.ASSIGNMENT,
          Topic.ERASURE);

  /** What the job needs in Kafka. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(JOB, TOPICS, List.of(Topic.ATTRIBUTION_RESULT, Topic.EXPERIMENT))
          .reading(Topic.CONFIG);

  private AttributionTopology() {}

  /** From Kafka to Kafka. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Input> inputs = KafkaInputs.read(env, options, JOB, TOPICS);
    DataStream<ConfigVersion> updates = ConfigTopic.updates(env, options, JOB);
    DataStream<Output> rows = attribute(inputs, updates, options, KnownVersions.inKafka(options));
    KafkaOutputs.write(rows, options, JOB, "rows");
  }

  /** From inputs with timestamps and watermarks to rows. */
  static DataStream<Output> attribute(
      DataStream<Input> inputs,
      DataStream<ConfigVersion> updates,
      JobOptions options,
      KnownVersions known) {
    SingleOutputStreamOperator<Output> rows =
        inputs
            .flatMap(new ReadableEvents())
            .returns(CompactTypeInfo.EVENT)
            .uid(JOB + "-events")
            .filter(Attribution::isRelevant)
            .uid(JOB + "-filter")
            .keyBy(Event::recipientId, Types.STRING)
            .connect(updates.broadcast())
            .transform("recipients", Output.TYPE, new AttributionOperator(options, known))
            .uid(JOB + "-recipients");
    DataStream<DayModel> models =
        rows.getSideOutput(AttributionState.PATHS)
            .keyBy(paths -> 0, Types.INT)
            .process(new CloseDays(), AttributionSerializers.DAY_MODEL)
            .name("markov-models")
            .uid(JOB + "-markov-models")
            .setParallelism(1);
    DataStream<Output> markovRows =
        rows.getSideOutput(AttributionState.CLOSED)
            .keyBy(MarkovCredit::recipientId, Types.STRING)
            .connect(models.broadcast())
            .transform("markov-credit", Output.TYPE, new MarkovOperator())
            .uid(JOB + "-markov-credit");
    DataStream<Output> liftRows =
        rows.getSideOutput(AttributionState.UNITS)
            .keyBy(LiftDelta::experimentId, Types.STRING)
            .connect(updates.broadcast())
            .transform("lift", Output.TYPE, new LiftOperator(known, options.latenessMillis()))
            .uid(JOB + "-lift");
    return rows.union(markovRows, liftRows);
  }
}
