package io.heed.flink.optimizer;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.outcomes.CampaignFact;
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
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Wires the job. */
public final class OptimizerTopology {
  /** Name of the job, prefix of its uids. */
  public static final String JOB = "optimizer";

  private static final List<Topic> TOPICS =
      List.of(
          Topic.SEND,
          Topic.DELIVERY,
          Topic.CLICK,
          Topic.REPLY,
          Topic.OPT_OUT,
          Topic.CONVERSION,
          Topic.ASSIGNMENT,
          Topic.SEND_REQUEST,
          Topic.SEND_VERDICT,
          Topic.ERASURE);

  /** What the job needs in Kafka. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(JOB, TOPICS, List.of(Topic.RECIPIENT_SIGNAL, Topic.VALUE_MODEL))
          .reading(Topic.CONFIG);

  private OptimizerTopology() {}

  /** From Kafka to Kafka. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    Outputs outputs =
        learn(
            KafkaInputs.read(env, options, JOB, TOPICS),
            ConfigTopic.updates(env, options, JOB),
            KnownVersions.inKafka(options),
            options);
    KafkaOutputs.write(outputs.signals(), options, JOB, "signals");
    KafkaOutputs.write(outputs.models(), options, JOB, "models");
  }

  /** What the job writes. */
  record Outputs(DataStream<Output> signals, DataStream<Output> models) {}

  /** From inputs with timestamps and watermarks to signals and value models. */
  static Outputs learn(
      DataStream<Input> inputs,
      DataStream<ConfigVersion> updates,
      KnownVersions known,
      JobOptions options) {
    KeyedStream<Event, String> events =
        inputs
            .flatMap(new ReadableEvents())
            .returns(CompactTypeInfo.EVENT)
            .uid(JOB + "-events")
            .keyBy(Event::recipientId, Types.STRING);
    KeyedStream<SendVerdict, String> verdicts =
        inputs
            .flatMap(new ReadableVerdicts())
            .returns(CompactTypeInfo.ofRecords(SendVerdict.class))
            .uid(JOB + "-verdicts")
            .keyBy(SendVerdict::recipientId, Types.STRING);
    SingleOutputStreamOperator<ListDelta> outcomes =
        events
            .connect(verdicts)
            .transform(
                "outcomes", ListDelta.TYPE, new FollowOperator(known, options.horizonMillis()))
            .uid(JOB + "-outcomes");
    SingleOutputStreamOperator<Output> lists =
        outcomes
            .keyBy(ListDelta::list, Types.STRING)
            .connect(updates.broadcast())
            .transform("lists", Output.TYPE, new ListOperator(known, options.latenessMillis()))
            .uid(JOB + "-lists");
    DataStream<ListModel> models = lists.getSideOutput(OptimizerState.LIST_MODELS);
    DataStream<Output> signals =
        events
            .connect(models.broadcast())
            .transform("signals", Output.TYPE, new SignalOperator(known, options.latenessMillis()))
            .uid(JOB + "-engagement");
    DataStream<Output> campaigns =
        outcomes
            .getSideOutput(OptimizerState.CAMPAIGN_FACTS)
            .keyBy(CampaignFact::key, Types.LONG)
            .connect(models.broadcast())
            .transform("campaigns", Output.TYPE, new CampaignOperator(options.latenessMillis()))
            .uid(JOB + "-campaigns");
    return new Outputs(signals, lists.union(campaigns));
  }
}
