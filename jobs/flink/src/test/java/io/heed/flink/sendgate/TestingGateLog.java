package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.flink.sendgate.GateInput.Part;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The gate's topics in memory, with one partition. Shared by all that this JVM opens. */
final class TestingGateLog implements GateLog {
  static final Map<Part, Long> ENDS = new ConcurrentHashMap<>();
  static final List<SendVerdict> VERDICTS = new CopyOnWriteArrayList<>();
  static final List<ConfigVersion> CONFIGURATION = new CopyOnWriteArrayList<>();
  static final List<ExperimentDecision> EXPERIMENTS = new CopyOnWriteArrayList<>();

  /** Opens it. */
  record Opener() implements GateLog.Opener {
    @Override
    public GateLog open() {
      return new TestingGateLog();
    }
  }

  static void reset() {
    ENDS.clear();
    VERDICTS.clear();
    CONFIGURATION.clear();
    EXPERIMENTS.clear();
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
  public Map<Part, Long> ends(Map<Part, Long> read) {
    return Map.copyOf(ENDS);
  }

  @Override
  public void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each) {
    int start = from.getOrDefault(0, 0L).intValue();
    VERDICTS.subList(start, VERDICTS.size()).forEach(each);
  }

  @Override
  public void close() {}
}
