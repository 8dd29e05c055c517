package io.heed.flink.attribution;

import io.heed.core.attribution.Attribution;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.TransitionCounts;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.KafkaOutputs;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.ReadableEvents;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;

/** Wires the job, and names its state. */
public final class AttributionTopology {
  /** Name of the job, prefix of its uids. */
  public static final String NAME = "attribution";

  /** By recipient: {@link io.heed.core.attribution.History}. */
  static final ValueStateDescriptor<byte[]> HISTORY =
      new ValueStateDescriptor<>("history", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** Of the one key of all paths: counts by UTC day. */
  static final MapStateDescriptor<Integer, TransitionCounts> TRANSITIONS =
      new MapStateDescriptor<>("transitions", Types.INT, Serializers.TRANSITION_COUNTS);

  /** By recipient: conversions whose day's model is on its way. */
  static final ListStateDescriptor<MarkovCredit> WAITING =
      new ListStateDescriptor<>("waiting", Serializers.MARKOV_CREDIT);

  /** On every task: removal effects by UTC day. */
  static final MapStateDescriptor<Integer, Map<String, Double>> MODELS =
      new MapStateDescriptor<>("models", Types.INT, Types.MAP(Types.STRING, Types.DOUBLE));

  /** By experiment: {@link io.heed.core.attribution.LiftLedger}. */
  static final ValueStateDescriptor<byte[]> LIFT =
      new ValueStateDescriptor<>("lift", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** Steps of paths that have ended, added up. */
  static final OutputTag<DayTransitions> PATHS =
      new OutputTag<>("paths", Serializers.DAY_TRANSITIONS);

  /** Conversions whose day has closed. */
  static final OutputTag<MarkovCredit> CLOSED =
      new OutputTag<>("closed", Serializers.MARKOV_CREDIT);

  /** Recipients whose window of an experiment has passed, added up. */
  static final OutputTag<LiftDelta> UNITS = new OutputTag<>("units", Serializers.LIFT_DELTA);

  private static final List<Topic> TOPICS =
      List.of(
          Topic.SEND, Topic.DELIVERY, Topic.CLICK, Topic.TOUCH, Topic.CONVERSION, Topic.ASSIGNMENT);

  /** Gives the versions of configuration that are known when an operator opens. */
  @FunctionalInterface
  public interface KnownVersions extends Serializable {
    /** Every version that was ever published. */
    List<ConfigVersion> get();
  }

  private AttributionTopology() {}

  /** From Kafka to Kafka. */
  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Input> inputs = KafkaInputs.read(env, options, NAME, TOPICS);
    DataStream<ConfigVersion> updates = ConfigTopic.updates(env, options, NAME);
    DataStream<Output> rows =
        attribute(inputs, updates, options, () -> ConfigTopic.readToEnd(options));
    KafkaOutputs.write(rows, options, NAME, "rows");
  }

  /** From inputs in their place in time to rows. */
  static DataStream<Output> attribute(
      DataStream<Input> inputs,
      DataStream<ConfigVersion> updates,
      JobOptions options,
      KnownVersions known) {
    SingleOutputStreamOperator<Output> rows =
        inputs
            .flatMap(new ReadableEvents())
            .returns(CompactTypeInfo.EVENT)
            .uid(NAME + "-events")
            .filter(Attribution::matters)
            .uid(NAME + "-what-matters")
            .keyBy(Event::recipientId, Types.STRING)
            .connect(updates.broadcast())
            .transform("recipients", Output.TYPE, new RecipientOperator(options, known))
            .uid(NAME + "-recipients");
    DataStream<DayModel> models =
        rows.getSideOutput(PATHS)
            .keyBy(paths -> 0, Types.INT)
            .process(new CloseDays(), Serializers.DAY_MODEL)
            .name("markov-models")
            .uid(NAME + "-markov-models")
            .setParallelism(1);
    DataStream<Output> markovRows =
        rows.getSideOutput(CLOSED)
            .keyBy(MarkovCredit::recipientId, Types.STRING)
            .connect(models.broadcast())
            .transform("markov-credit", Output.TYPE, new MarkovOperator())
            .uid(NAME + "-markov-credit");
    DataStream<Output> liftRows =
        rows.getSideOutput(UNITS)
            .keyBy(LiftDelta::experimentId, Types.STRING)
            .connect(updates.broadcast())
            .transform("lift", Output.TYPE, new LiftOperator(known))
            .uid(NAME + "-lift");
    return rows.union(markovRows, liftRows);
  }
}
