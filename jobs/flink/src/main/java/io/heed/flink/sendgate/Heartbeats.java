package io.heed.flink.sendgate;

import io.heed.core.model.Heartbeat;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.Output;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * One heartbeat per partition whenever every subtask of the gate has reported: a partition's
 * recipients are spread over all of them, so the least complete one counts.
 */
final class Heartbeats extends ProcessFunction<Readiness, Output> {
  private static final long serialVersionUID = 1L;

  private transient Map<Integer, Map<Integer, Readiness>> reported;

  @Override
  public void processElement(Readiness readiness, Context context, Collector<Output> out) {
    if (reported == null) {
      reported = new HashMap<>();
    }
    Map<Integer, Readiness> subtasks =
        reported.computeIfAbsent(readiness.partition(), p -> new HashMap<>());
    subtasks.put(readiness.subtask(), readiness);
    if (subtasks.size() == readiness.subtasks()) {
      long stateTime =
          subtasks.values().stream().mapToLong(Readiness::stateTime).min().orElseThrow();
      boolean ready = subtasks.values().stream().allMatch(Readiness::ready);
      Heartbeat heartbeat =
          new Heartbeat(
              readiness.partition(),
              Math.max(0, stateTime),
              ready,
              context.timerService().currentProcessingTime(),
              readiness.instance(),
              subtasks.values().stream().mapToLong(Readiness::started).max().orElseThrow());
      out.collect(Output.of(Topic.HEARTBEAT, "" + readiness.partition(), heartbeat));
      subtasks.clear();
    }
  }
}
