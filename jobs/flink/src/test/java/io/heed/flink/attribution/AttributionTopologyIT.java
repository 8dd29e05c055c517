package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.util.List;
import java.util.Random;
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
class AttributionTopologyIT {
  private static final long LATENESS = 3_600_000L;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sameRowsWhateverTheOrderTheDuplicatesAndTheParallelism(int parallelism) throws Exception {
    List<Event> events = TestEvents.random(new Random(7), 40, 600);
    Written inOrder = run(events, 1);
    Written disordered =
        run(TestEvents.disordered(events, new Random(parallelism), LATENESS), parallelism);
    assertThat(disordered.select()).isEqualTo(inOrder.select());
    assertThat(inOrder.select().keySet())
        .anyMatch(key -> key.startsWith("attribution_credit|markov"))
        .anyMatch(key -> key.startsWith("incremental_lift|x|v0"));
  }

  static Written run(List<Event> events, int parallelism) throws Exception {
    JobOptions options = JobOptions.fromArgs("--parallelism", "" + parallelism);
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = JobEnvironment.create("test", options, settings);
    DataStream<Input> inputs =
        env.fromData(events.stream().map(TestEvents::input).toList(), CompactTypeInfo.INPUT)
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
    DataStream<Output> rows =
        AttributionTopology.attribute(inputs, noUpdates, options, () -> List.of());
    Written written = new Written();
    try (CloseableIterator<Output> all = rows.executeAndCollect()) {
      all.forEachRemaining(written::add);
    }
    return written;
  }

  /** Event time follows each event at once, less the lateness. */
  private static final class AtOnce implements WatermarkGenerator<Input> {
    private long reached = Long.MIN_VALUE;

    @Override
    public void onEvent(Input input, long timestamp, WatermarkOutput output) {
      if (timestamp > reached) {
        reached = timestamp;
        output.emitWatermark(new Watermark(reached - LATENESS));
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      // Nothing beyond what the events said.
    }
  }
}
