package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.model.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verdicts by value are the same whatever the tasks, and after a crash. */
class GateValuesTest {
  private static final long HOUR = 3_600_000L;
  private static final int RECIPIENTS = 40;
  private static final Path MODEL =
      Path.of("../core/src/test/resources/documents/value-model.base64");
  private static final ConfigVersion POLICY =
      new ConfigVersion(
          "policy",
          "p",
          "h",
          0,
          0,
          """
          id: p
          caps:
            - {category: PROMOTIONAL, limit: 50, window: 30d}
          quiet_hours: {categories: []}
          optimise: {mode: on, control: 0.2}
          """);

  private static int ofRecipient(GateEvent event) {
    return Integer.parseInt(event.recipientId().substring(1));
  }

  /** Requests, messages and clicks of two days, in order. */
  private static List<GateEvent> events(Random random) {
    List<GateEvent> events = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      String r = "r" + random.nextInt(RECIPIENTS);
      long at = NOON + (long) (random.nextDouble() * 48 * HOUR);
      int kind = random.nextInt(6);
      if (kind < 4) {
        events.add(new Requested(request(r, "q" + i, at), at));
      } else {
        events.add(sent(r, "m" + i, at, null));
        if (kind == 5) {
          events.add(new Clicked(r, at + 60_000, "m" + i, true));
        }
      }
    }
    events.sort(Comparator.comparingLong(GateValuesTest::time));
    return events;
  }

  private static long time(GateEvent event) {
    if (event instanceof Requested requested) {
      return requested.request().eventTime();
    }
    return event instanceof Clicked clicked ? clicked.time() : ((GateEvent.Sent) event).time();
  }

  private static String tables() {
    try {
      return Files.readString(MODEL).replaceAll("\\s", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A model, then better and worse factors of the campaign every few hours. */
  private static List<ValueModelVersion> values() {
    List<ValueModelVersion> values = new ArrayList<>();
    String tables = tables();
    values.add(version(NOON - HOUR, ValueModelVersion.MODEL, tables, null));
    for (int i = 0; i < 12; i++) {
      int click = i % 3 == 0 ? 100 : 3_000;
      String part = ValueModelVersion.CAMPAIGN + "campaign";
      values.add(version(NOON + i * (4 * HOUR), part, null, click));
    }
    return values;
  }

  private static ValueModelVersion version(long from, String part, String tables, Integer click) {
    return new ValueModelVersion(
        "d",
        from,
        0,
        List.of(),
        1,
        "list-1",
        part,
        "v" + from,
        from,
        true,
        tables,
        null,
        null,
        click,
        click == null ? null : 1_000);
  }

  /** Plays what concerns some recipients; crashes after some events, if that is wanted. */
  private static void play(
      List<GateEvent> events, int part, int of, int crashAt, Map<String, String> verdicts)
      throws Exception {
    OperatorSubtaskState checkpoint = null;
    List<GateEvent> own = events.stream().filter(event -> ofRecipient(event) % of == part).toList();
    int from = 0;
    TestingGateTask gate = TestingGateTask.trusting(null, NOON);
    try {
      for (int i = 0; i < own.size(); i++) {
        if (i == crashAt / 2) {
          checkpoint = gate.snapshot();
          from = i;
        }
        if (i == crashAt) {
          // What came after the checkpoint is read again; its verdicts are read back.
          gate.close();
          gate = TestingGateTask.trusting(checkpoint, NOON + 5_000);
          for (GateEvent again : own.subList(from, i)) {
            take(gate, again, verdicts);
          }
        }
        take(gate, own.get(i), verdicts);
      }
    } finally {
      gate.close();
    }
  }

  private static void take(TestingGateTask gate, GateEvent event, Map<String, String> verdicts)
      throws Exception {
    for (Decision decision : gate.play(event)) {
      if (decision instanceof SendVerdict verdict) {
        TestingGateLog.append(verdict);
        String content =
            verdict.decisionId()
                + verdict.verdict()
                + verdict.reasons()
                + verdict.modelVersion()
                + verdict.propensity()
                + verdict.notBefore();
        String before = verdicts.put(verdict.requestId(), content);
        assertThat(before == null || before.equals(content)).isTrue();
      }
    }
  }

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
    TestingGateLog.CONFIGURATION.add(POLICY);
    TestingGateLog.VALUES.addAll(values());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void replaysGiveTheSameVerdicts(long seed) throws Exception {
    List<GateEvent> events = events(new Random(seed));
    Map<String, String> one = new TreeMap<>();
    play(events, 0, 1, -1, one);
    reset();
    Map<String, String> two = new TreeMap<>();
    play(events, 0, 2, -1, two);
    play(events, 1, 2, -1, two);
    assertThat(two).isEqualTo(one);
    reset();
    Map<String, String> crashed = new TreeMap<>();
    play(events, 0, 1, 700, crashed);
    assertThat(crashed).isEqualTo(one);
    assertThat(one.values())
        .filteredOn(v -> v.contains(ReasonCode.LOW_VALUE.name()))
        .hasSizeGreaterThan(50);
    assertThat(one.values())
        .filteredOn(v -> v.contains(Verdict.ALLOW.name()))
        .hasSizeGreaterThan(50);
  }

  /** Versions that come while the gate runs are what a gate that starts later reads. */
  @ParameterizedTest
  @ValueSource(longs = 4)
  void versionsThatComeWithTheRecordsDecideAlike(long seed) throws Exception {
    List<GateEvent> events = events(new Random(seed));
    Map<String, String> before = new TreeMap<>();
    play(events, 0, 1, -1, before);
    TestingGateLog.reset();
    TestingGateLog.CONFIGURATION.add(POLICY);
    Map<String, String> during = new TreeMap<>();
    List<ValueModelVersion> left = new ArrayList<>(values());
    try (TestingGateTask gate = TestingGateTask.trusting(null, NOON)) {
      for (GateEvent event : events) {
        while (!left.isEmpty() && left.get(0).effectiveFrom() - 60_000 <= time(event)) {
          gate.play(GateInput.of("\u0000", left.remove(0)));
        }
        take(gate, event, during);
      }
    }
    assertThat(during).isEqualTo(before);
  }
}
