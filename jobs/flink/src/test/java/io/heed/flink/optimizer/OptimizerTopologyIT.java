package io.heed.flink.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole graph on a cluster within the test. */
class OptimizerTopologyIT {
  private static final TopicCodec CODEC = new TopicCodec();
  private static final Map<Class<?>, Topic> TOPICS = new HashMap<>();

  static {
    Topic.events().forEach(topic -> TOPICS.put(topic.type(), topic));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sameRecordsWhateverTheOrderTheDuplicatesAndTheParallelism(int parallelism) throws Exception {
    List<Event> events = ModelOperatorsTest.events(new Random(7), 60);
    Map<Topic, Map<String, String>> inOrder = run(events, 1);
    List<Event> disordered = ModelOperatorsTest.disordered(events, new Random(parallelism));
    assertThat(run(disordered, parallelism)).isEqualTo(inOrder);
    assertThat(inOrder.get(Topic.RECIPIENT_SIGNAL)).hasSizeGreaterThan(20);
    assertThat(inOrder.get(Topic.VALUE_MODEL)).hasSizeGreaterThan(20);
  }

  /** Content by key and instant; factors of campaigns depend on when facts arrive. */
  private static Map<Topic, Map<String, String>> run(List<Event> events, int parallelism)
      throws Exception {
    JobOptions options = JobOptions.fromArgs("--parallelism", "" + parallelism);
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = JobEnvironment.create("test", options, settings);
    DataStream<Input> inputs =
        env.fromData(
                events.stream().map(OptimizerTopologyIT::input).toList(), CompactTypeInfo.INPUT)
            .setParallelism(1)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Input>forGenerator(context -> new AtOnce())
                    .withTimestampAssigner((input, any) -> input.time()))
            .setParallelism(1);
    DataStream<ConfigVersion> noUpdates =
        env.fromData(
                List.of(new ConfigVersion("other", "o", "h", 0, 0, "")),
                CompactTypeInfo.ofRecords(ConfigVersion.class))
            .setParallelism(1);
    OptimizerTopology.Outputs outputs =
        OptimizerTopology.learn(inputs, noUpdates, List::of, options);
    Map<Topic, Map<String, String>> written = new EnumMap<>(Topic.class);
    try (CloseableIterator<Output> all =
        outputs.signals().union(outputs.models()).executeAndCollect()) {
      while (all.hasNext()) {
        Output output = all.next();
        Object record = CODEC.read(output.topic(), output.value(), Long.MAX_VALUE / 2);
        if (record instanceof RecipientSignal signal) {
          put(written, output, signal.decidedAt(), signal.decisionId());
        } else if (record instanceof ValueModelVersion version
            && version.part().equals(ValueModelVersion.MODEL)) {
          put(written, output, version.decidedAt(), version.modelVersion());
        }
      }
    }
    return written;
  }

  private static void put(
      Map<Topic, Map<String, String>> all, Output output, long at, String content) {
    all.computeIfAbsent(output.topic(), topic -> new TreeMap<>())
        .put(output.key() + "|" + at, content);
  }

  private static Input input(Event event) {
    @SuppressWarnings("unchecked")
    JsonCodec<Event> codec = (JsonCodec<Event>) JsonCodec.of((Class<?>) event.getClass());
    return Input.decode(
        CODEC, TOPICS.get(event.getClass()), 0, 0, event.eventTime(), null, codec.write(event));
  }

  /** Event time follows each event at once, less the lateness. */
  private static final class AtOnce implements WatermarkGenerator<Input> {
    private long reached = Long.MIN_VALUE;

    @Override
    public void onEvent(Input input, long timestamp, WatermarkOutput output) {
      if (timestamp > reached) {
        reached = timestamp;
        output.emitWatermark(new Watermark(reached - ModelOperatorsTest.LATENESS));
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      // Nothing beyond what the events said.
    }
  }
}
