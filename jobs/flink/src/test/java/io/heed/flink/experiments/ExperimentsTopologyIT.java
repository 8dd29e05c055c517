package io.heed.flink.experiments;

import static io.heed.flink.experiments.TestingTraffic.HOUR;
import static io.heed.flink.experiments.TestingTraffic.experiment;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;

class ExperimentsTopologyIT {
  @Test
  void parallelismOrderAndCrashesDoNotChangeTheTrail() throws Exception {
    List<Event> events = new ArrayList<>();
    List<ConfigVersion> known = new ArrayList<>();
    for (String id : List.of("e", "f", "g")) {
      events.addAll(new TestingTraffic(id.charAt(0)).recipients(id, 900, 0.1, 0.16, 2, 4));
      known.add(experiment(id, ""));
    }
    events.sort(Comparator.comparingLong(Event::eventTime));
    List<String> one = run(1, events, known, false);
    assertThat(one).hasSizeGreaterThan(70);
    List<Event> disordered = new TestingTraffic(9).disordered(events);
    assertThat(run(2, disordered, known, false)).isEqualTo(one);
    for (int parallelism = 1; parallelism <= 2; parallelism++) {
      Crash.reset();
      assertThat(run(parallelism, disordered, known, true)).isEqualTo(one);
      assertThat(Crash.HAPPENED).isTrue();
    }
  }

  private static List<String> run(
      int parallelism, List<Event> events, List<ConfigVersion> known, boolean crash)
      throws Exception {
    JobOptions options = JobOptions.fromArgs("--parallelism", "" + parallelism);
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, crash ? "fixed-delay" : "none");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    settings.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMillis(10));
    StreamExecutionEnvironment env =
        JobEnvironment.create(ExperimentsTopology.JOB, options, settings);
    DataStream<Input> inputs =
        env.fromData(CompactTypeInfo.INPUT, inputs(events))
            .uid("inputs")
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Input>forBoundedOutOfOrderness(Duration.ofMillis(HOUR))
                    .withTimestampAssigner((input, before) -> input.time()))
            .uid("times")
            .map(crash ? new Crash(events.size() / parallelism / 2) : input -> input)
            .returns(CompactTypeInfo.INPUT)
            .uid("crash");
    DataStream<ConfigVersion> none =
        env.fromData(CompactTypeInfo.ofRecords(ConfigVersion.class), known.get(0)).uid("updates");
    List<ConfigVersion> versions = List.copyOf(known);
    DataStream<Output> outputs =
        ExperimentsTopology.evaluate(inputs, none, options, new Known(versions));
    TopicCodec codec = new TopicCodec();
    List<String> trail = new ArrayList<>();
    try (CloseableIterator<Output> results = outputs.executeAndCollect()) {
      while (results.hasNext()) {
        Output output = results.next();
        if (output.topic() == Topic.EXPERIMENT) {
          ExperimentDecision decision =
              (ExperimentDecision) codec.read(output.topic(), output.value(), Long.MAX_VALUE / 2);
          trail.add(
              decision.experimentId() + " " + decision.decidedAt() + " " + decision.decisionId());
        }
      }
    }
    trail.sort(Comparator.naturalOrder());
    return trail;
  }

  @SuppressWarnings("unchecked")
  private static Input[] inputs(List<Event> events) {
    TopicCodec codec = new TopicCodec();
    Input[] inputs = new Input[events.size()];
    for (int i = 0; i < inputs.length; i++) {
      Event event = events.get(i);
      byte[] json = ((JsonCodec<Event>) JsonCodec.of(event.getClass())).write(event);
      inputs[i] =
          Input.decode(codec, TestingPipeline.topicOf(event), 0, i, event.eventTime(), null, json);
    }
    return inputs;
  }

  /** Fails once, when a checkpoint is there to go on from and half of the inputs have passed. */
  private static final class Crash implements MapFunction<Input, Input>, CheckpointListener {
    static final AtomicBoolean HAPPENED = new AtomicBoolean();
    private static final AtomicBoolean CHECKPOINTED = new AtomicBoolean();
    private static final long serialVersionUID = 1L;

    private final int after;
    private int seen;

    Crash(int after) {
      this.after = after;
    }

    static void reset() {
      HAPPENED.set(false);
      CHECKPOINTED.set(false);
    }

    @Override
    public Input map(Input input) throws InterruptedException {
      seen++;
      if (seen > after && !HAPPENED.get()) {
        // Slow enough for a checkpoint to complete before the inputs end.
        Thread.sleep(2);
        if (CHECKPOINTED.get() && HAPPENED.compareAndSet(false, true)) {
          throw new IllegalStateException("a crash of the test");
        }
      }
      return input;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      CHECKPOINTED.set(true);
    }
  }

  /** Versions as they are, since records do not travel as Java objects by themselves. */
  private static final class Known implements KnownVersions {
    private static final long serialVersionUID = 1L;

    private final String[] documents;

    Known(List<ConfigVersion> versions) {
      documents = versions.stream().map(ConfigVersion::document).toArray(String[]::new);
    }

    @Override
    public List<ConfigVersion> get() {
      List<ConfigVersion> versions = new ArrayList<>();
      for (String document : documents) {
        versions.add(experiment(document.substring(4, document.indexOf('\n')), ""));
      }
      return versions;
    }
  }
}
