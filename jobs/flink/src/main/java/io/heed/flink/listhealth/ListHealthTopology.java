package io.heed.flink.listhealth;

import io.heed.core.listhealth.AlertRules;
import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RowKey;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.ConfigTopic;
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

/** The graph of the job {@code list-health}. */
public final class ListHealthTopology {
  /** Name of the job. */
  public static final String JOB = "list-health";

  private static final List<Topic> TOPICS =
      List.of(
          Topic.SEND,
          Topic.DELIVERY,
          Topic.CLICK,
          Topic.REPLY,
          Topic.OPT_OUT,
          Topic.OPT_IN,
          Topic.CONVERSION);

  /** What the job needs in Kafka. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(JOB, TOPICS, List.of(Topic.LIST_HEALTH_RESULT, Topic.ALERT))
          .reading(Topic.CONFIG);

  private static final CompactTypeInfo<Fact> FACT = CompactTypeInfo.ofRecords(Fact.class);
  private static final CompactTypeInfo<HourRows> HOUR_ROWS =
      new CompactTypeInfo<>(HourRows.class, new HourRowsSerializer());
  private static final CompactTypeInfo<HourRows.Key> HOUR_KEY =
      new CompactTypeInfo<>(HourRows.Key.class, new HourRowsSerializer.KeySerializer());
  private static final CompactTypeInfo<RowKey> ROW_KEY =
      new CompactTypeInfo<>(RowKey.class, new RowKeySerializer());

  private ListHealthTopology() {}

  /** The job between the topics of a deployment. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Event> events =
        KafkaInputs.read(env, options, JOB, TOPICS)
            .flatMap(new ReadableEvents())
            .returns(CompactTypeInfo.EVENT)
            .uid(JOB + "-events");
    Outputs outputs =
        wire(
            events,
            ConfigTopic.updates(env, options, JOB),
            () -> ConfigTopic.readToEnd(options),
            options);
    KafkaOutputs.write(outputs.rows(), options, JOB, "rows");
    KafkaOutputs.write(outputs.alerts(), options, JOB, "alerts");
  }

  /** What the job writes. */
  record Outputs(DataStream<Output> rows, DataStream<Output> alerts) {}

  /** The job between any events and its outputs. */
  static Outputs wire(
      DataStream<Event> events,
      DataStream<ConfigVersion> updates,
      KnownVersions known,
      JobOptions options) {
    SingleOutputStreamOperator<Fact> facts =
        events.transform("read-facts", FACT, new ReadFacts()).uid(JOB + "-read-facts");
    SingleOutputStreamOperator<HourRows> deltas =
        facts
            .keyBy(Fact::recipient, Types.LONG)
            .transform("count-facts", HOUR_ROWS, new CountFacts(options.horizonMillis()))
            .uid(JOB + "-count-facts");
    DataStream<Output> rows =
        deltas
            .keyBy(HourRows::key, HOUR_KEY)
            .transform("sum-rows", Output.TYPE, new SumRows(options.horizonMillis()))
            .uid(JOB + "-sum-rows");
    DataStream<Output> alerts =
        facts
            .getSideOutput(ListHealthState.WATCHED)
            .union(deltas.getSideOutput(ListHealthState.WATCHED))
            .keyBy(delta -> AlertRules.subject(delta.key()), ROW_KEY)
            .connect(updates.broadcast())
            .transform(
                "watch-counts", Output.TYPE, new WatchCounts(known, options.latenessMillis()))
            .uid(JOB + "-watch-counts");
    return new Outputs(rows, alerts);
  }
}
