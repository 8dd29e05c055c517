package io.heed.flink.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Alert;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.ResponseTimeRow;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ListHealthTopologyIT {
  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final TopicCodec CODEC = new TopicCodec();
  private static final ConfigVersion POLICY =
      new ConfigVersion(
          "list-health",
          "list-health",
          "hash",
          0,
          0,
          "{max_age: 35d, opt_out_rate: {minimum_sends: 20, minimum_opt_outs: 2}}");

  @Test
  void parallelismOrderAndDuplicatesChangeNothing() throws Exception {
    List<Event> inOrder = TestingTraffic.of(7, 800);
    List<Event> disordered = new ArrayList<>(inOrder);
    disordered.addAll(inOrder.subList(100, 400));
    Collections.shuffle(disordered, new Random(1));

    List<Output> once = run(inOrder, 1);
    Map<String, String> rows = rows(once);
    assertThat(rows(run(disordered, 2))).isEqualTo(rows);

    assertThat(sends(once, "")).isEqualTo(800);
    assertThat(sends(once, "campaign-0") + sends(once, "campaign-1") + sends(once, "campaign-2"))
        .isEqualTo(800);
    assertThat(rows.keySet())
        .anyMatch(key -> key.startsWith("send_cohort|"))
        .anyMatch(key -> key.startsWith("delivery_health|") && key.endsWith("|att|FILTERED"))
        .anyMatch(key -> key.startsWith("response_time|") && key.contains("|click|"));
  }

  private static List<Output> run(List<Event> events, int parallelism) throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env =
        JobEnvironment.create("list-health", JobOptions.DEFAULTS, settings);
    env.setParallelism(parallelism);
    ListHealthTopology.Outputs outputs =
        ListHealthTopology.wire(
            env.fromData(events, CompactTypeInfo.EVENT).setParallelism(1).uid("events"),
            env.fromData(List.of(POLICY), CompactTypeInfo.ofRecords(ConfigVersion.class))
                .uid("config"),
            () -> List.of(POLICY),
            JobOptions.DEFAULTS);
    List<Output> written = new ArrayList<>();
    try (CloseableIterator<Output> it =
        outputs.rows().union(outputs.alerts()).executeAndCollect()) {
      it.forEachRemaining(written::add);
    }
    return written;
  }

  /** The newest version of each row that has a count, without its version. */
  private static Map<String, String> rows(List<Output> outputs) throws Exception {
    Map<String, ResultRow> newest = newest(outputs);
    Map<String, String> text = new TreeMap<>();
    newest.forEach(
        (key, row) -> {
          String counts = row.toString().replaceAll("seq=\\d+", "");
          // A row that has come back to nothing is nothing.
          String last = row instanceof ResponseTimeRow ? "withinSeconds=\\d+" : "campaignId";
          if (counts.split(last, 2)[1].matches(".*=[1-9]\\d*[,\\]].*")) {
            text.put(key, counts);
          }
        });
    return text;
  }

  private static Map<String, ResultRow> newest(List<Output> outputs) throws Exception {
    Map<String, ResultRow> newest = new TreeMap<>();
    for (Output output : outputs) {
      if (output.topic() == Topic.LIST_HEALTH_RESULT) {
        ResultRow row = (ResultRow) CODEC.read(output.topic(), output.value(), Long.MAX_VALUE / 2);
        assertThat(output.key()).isEqualTo(row.key());
        newest.merge(row.key(), row, (a, b) -> a.seq() > b.seq() ? a : b);
      } else {
        assertThat(CODEC.read(output.topic(), output.value(), Long.MAX_VALUE / 2))
            .isInstanceOf(Alert.class);
      }
    }
    return newest;
  }

  private static long sends(List<Output> outputs, String campaign) throws Exception {
    return newest(outputs).values().stream()
        .filter(ListHealthRow.class::isInstance)
        .map(ListHealthRow.class::cast)
        .filter(row -> row.windowSeconds() == 86_400 && row.campaignId().equals(campaign))
        .mapToLong(ListHealthRow::sends)
        .sum();
  }
}
