package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A deployment that starts with the history of another system: an export, replayed, is what the
 * gate decides by, and what a savepoint of it knows.
 */
class HistoryIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final String REVOKED = "+12125550101";
  private static final String TEXTED = "subscriber-2";
  private static final String CONSENTED = "subscriber-3";
  private static final String UNKNOWN = "+12125550104";

  @TempDir private Path directory;

  @Test
  void theGateDecidesByAnExportAndASavepointShowsIt() throws Exception {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Path policies = Files.createDirectories(directory.resolve("config/policies"));
    Files.writeString(
        policies.resolve("p.yaml"),
        """
        id: p
        effective_from: 2020-01-01
        consent: required
        caps:
          - {limit: 1, window: 24h}
        """);
    Path export =
        Files.writeString(
            directory.resolve("subscribers.csv"),
            """
            phone,form,opted_in,opted_out,last_text
            %s,7,2019-05-01T10:00:00Z,2021-02-03T04:05:06Z,
            %s,8,2023-05-01T10:00:00Z,,%s
            %s,9,2023-05-02T10:00:00Z,,%s
            """
                .formatted(
                    REVOKED,
                    TEXTED,
                    now.minus(Duration.ofHours(2)),
                    CONSENTED,
                    now.minus(Duration.ofDays(3))));
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA)
                .kafkaPort(0)
                .build())) {
      String kafka = stack.endpoints().kafka();
      heed("apply", directory.resolve("config"), "--kafka", kafka);
      heed(
          "replay",
          export,
          "--mapping",
          "src/test/resources/io/heed/cli/history.yaml",
          "--kafka",
          kafka);
      long loadedAt = System.currentTimeMillis();
      JobOptions options = JobOptions.fromArgs("--kafka", kafka);
      Path savepoint;
      try (TestingJobs jobs = new TestingJobs(List.of("send-gate"), options, Map.of())) {
        awaitRead(options, loadedAt);
        Map<String, SendVerdict> verdicts = verdicts(options);
        assertThat(verdicts.get(REVOKED).reasons()).containsExactly(ReasonCode.OPTED_OUT);
        assertThat(verdicts.get(TEXTED).reasons()).containsExactly(ReasonCode.CAP_REACHED);
        assertThat(verdicts.get(TEXTED).notBefore())
            .isEqualTo(now.plus(Duration.ofHours(22)).toEpochMilli());
        assertThat(verdicts.get(CONSENTED).reasons()).containsExactly(ReasonCode.WITHIN_POLICY);
        assertThat(verdicts.get(UNKNOWN).reasons()).containsExactly(ReasonCode.NO_CONSENT);
        savepoint = jobs.stop(directory.resolve("savepoints")).get("send-gate");
      }
      assertThat(heed("state", savepoint, "(212) 555-0101"))
          .contains(
              "  everything must not be texted since 2021-02-03T04:05:06Z: OPTED_OUT, by KEYWORD",
              "  2019-05-01T10:00:00Z list deals by IMPORT",
              " DENY: OPTED_OUT, PROMOTIONAL on list deals")
          .doesNotContain("Messages");
      JsonNode texted = new ObjectMapper().readTree(heed("state", savepoint, TEXTED, "--json"));
      assertThat(texted.at("/recipient/messages/0/at").asText())
          .isEqualTo(now.minus(Duration.ofHours(2)).toString());
      assertThat(texted.at("/recipient/messages/0/list").asText()).isEqualTo("deals");
      assertThat(texted.at("/recipient/requests/0/verdict").asText()).isEqualTo("DEFER");
      assertThat(execute("state", savepoint, "nobody").err())
          .isEqualTo("heed: %s knows nothing of nobody\n".formatted(savepoint));
      assertThat(execute("state", directory.resolve("none"), "nobody").err())
          .isEqualTo("heed: there is no %s\n".formatted(directory.resolve("none")));
    }
  }

  /** What was published up to an instant is part of the gate's state, by its heartbeats. */
  private static void awaitRead(JobOptions options, long until) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              Map<Integer, Long> complete = new HashMap<>();
              read(
                  options,
                  Topic.HEARTBEAT,
                  Heartbeat.class,
                  beat -> {
                    if (beat.ready()) {
                      complete.merge(beat.partition(), beat.stateTime(), Math::max);
                    }
                  });
              return complete.size() == options.partitions()
                  && complete.values().stream().allMatch(at -> at >= until);
            });
  }

  private static Map<String, SendVerdict> verdicts(JobOptions options) throws Exception {
    List<String> people = List.of(REVOKED, TEXTED, CONSENTED, UNKNOWN);
    int ahead = 13 - LocalTime.now(ZoneOffset.UTC).getHour();
    String zoneWhereItIsNoon = ahead > 0 ? "Etc/GMT-" + ahead : "Etc/GMT+" + -ahead;
    try (EventPublisher publisher = new EventPublisher(options.cluster(), options.topicNames())) {
      for (String person : people) {
        publisher.publish(
            new SendRequest(
                "e" + person,
                System.currentTimeMillis(),
                person,
                "q" + person,
                "spring",
                "deals",
                Category.PROMOTIONAL,
                null,
                null,
                null,
                null,
                zoneWhereItIsNoon,
                null));
      }
      publisher.flush();
    }
    Map<String, SendVerdict> verdicts = new HashMap<>();
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              read(
                  options,
                  Topic.SEND_VERDICT,
                  SendVerdict.class,
                  verdict -> verdicts.put(verdict.recipientId(), verdict));
              return verdicts.size() == people.size();
            });
    return verdicts;
  }

  private static <T> void read(JobOptions options, Topic topic, Class<T> type, Consumer<T> each) {
    try (TopicReader reader = new TopicReader(options, "test")) {
      reader.readToEnd(topic, Map.of(), record -> each.accept(decoded(record.value(), type)));
    }
  }

  private static <T> T decoded(byte[] value, Class<T> type) {
    try {
      return JsonCodec.of(type).read(value);
    } catch (UnreadableException e) {
      throw new AssertionError(e);
    }
  }

  private record Result(int code, String out, String err) {}

  private static String heed(Object... args) {
    Result result = execute(args);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private static Result execute(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine heed =
        Heed.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    int code = heed.execute(texts);
    return new Result(code, out.toString(), err.toString());
  }
}
