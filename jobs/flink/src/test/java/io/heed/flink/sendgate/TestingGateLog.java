package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ErasedRecipients;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The gate's topics in memory, with one partition. Shared by all that this JVM opens. */
final class TestingGateLog implements GateLog {
  static final Map<Part, Long> ENDS = new ConcurrentHashMap<>();

  /** When records were appended, by offset. */
  private static final Map<Part, NavigableMap<Long, Long>> APPENDED = new ConcurrentHashMap<>();

  static final List<SendVerdict> VERDICTS = new CopyOnWriteArrayList<>();
  static final List<ConfigVersion> CONFIGURATION = new CopyOnWriteArrayList<>();
  static final List<ExperimentDecision> EXPERIMENTS = new CopyOnWriteArrayList<>();
  static final List<ValueModelVersion> VALUES = new CopyOnWriteArrayList<>();
  static final List<Erasure> ERASURES = new CopyOnWriteArrayList<>();
  static final KeyedHash KEY = new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));

  /** What the gate is given as its key, or null. */
  static volatile KeyedHash given = KEY;

  /** Opens it. */
  record Opener() implements GateLog.Opener {
    @Override
    public GateLog open() {
      return new TestingGateLog();
    }

    @Override
    public HeartbeatLog heartbeats() {
      return new TestingHeartbeatLog();
    }
  }

  static void reset() {
    ENDS.clear();
    APPENDED.clear();
    VERDICTS.clear();
    CONFIGURATION.clear();
    EXPERIMENTS.clear();
    VALUES.clear();
    ERASURES.clear();
    given = KEY;
    for (Topic topic : SendGateTopology.INPUTS) {
      ENDS.put(part(topic), 0L);
    }
    ENDS.put(part(Topic.SEND_VERDICT), 0L);
  }

  static void append(SendVerdict verdict) {
    VERDICTS.add(verdict);
    ENDS.put(part(Topic.SEND_VERDICT), (long) VERDICTS.size());
  }

  static Part part(Topic topic) {
    return new Part(topic.ordinal(), 0);
  }

  @Override
  public List<ConfigVersion> configuration() {
    return CONFIGURATION;
  }

  @Override
  public void experiments(Consumer<ExperimentDecision> each) {
    EXPERIMENTS.forEach(each);
  }

  @Override
  public void values(Consumer<ValueModelVersion> each) {
    VALUES.forEach(each);
  }

  @Override
  public ErasedRecipients erased() {
    return new ErasedRecipients(given, ERASURES);
  }

  /** Appends a record to an input. */
  static void append(Topic topic, long appendTime) {
    NavigableMap<Long, Long> times =
        APPENDED.computeIfAbsent(part(topic), p -> new ConcurrentSkipListMap<>());
    long end = ENDS.merge(part(topic), 1L, Long::sum);
    times.put(end - 1, appendTime);
  }

  @Override
  public Ends ends(long at, Map<Part, Long> read) {
    Map<Part, Long> oldestUnread = new HashMap<>();
    APPENDED.forEach(
        (part, times) -> {
          Map.Entry<Long, Long> first = times.ceilingEntry(read.getOrDefault(part, 0L));
          if (first != null) {
            oldestUnread.put(part, first.getValue());
          }
        });
    return new Ends(at, Map.copyOf(ENDS), oldestUnread);
  }

  @Override
  public void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each) {
    int start = from.getOrDefault(0, 0L).intValue();
    VERDICTS.subList(start, VERDICTS.size()).forEach(each);
  }

  @Override
  public void close() {}
}
