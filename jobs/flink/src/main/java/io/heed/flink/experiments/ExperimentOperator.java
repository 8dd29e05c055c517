package io.heed.flink.experiments;

import io.heed.core.experiments.ExperimentAlerts;
import io.heed.core.experiments.ExperimentEvaluator;
import io.heed.core.experiments.ExperimentPlan;
import io.heed.core.experiments.ExperimentPlans;
import io.heed.core.experiments.ExperimentProgress;
import io.heed.core.experiments.ExperimentReport;
import io.heed.core.experiments.ExperimentStatus;
import io.heed.core.experiments.Totals;
import io.heed.core.model.Alert;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Adds the changes of one experiment up, and evaluates it as event time passes a step: by then
 * every change that counts for it has come, so that an evaluation has the same counts whatever the
 * parallelism. A change that comes after its step counts for the next one.
 *
 * <p>Configuration reaches each operator on its own way, so changes may come before the plan that
 * they belong to. They wait in state, bounded, and are evaluated as soon as the plan is there; if
 * none comes within the horizon, they expire.
 */
final class ExperimentOperator extends ConfiguredOperator<String, CountChange, Output> {
  private static final long serialVersionUID = 1L;
  private static final long DAY_MILLIS = 86_400_000L;

  /** More steps than this do not wait for a plan: a week of minutes. */
  private static final int MOST_WAITING_STEPS = 10_080;

  private final long latenessMillis;
  private final long horizonMillis;

  private transient ValueState<ExperimentProgress> state;
  private transient ExperimentPlans plans;
  private transient Map<String, ExperimentEvaluator> evaluators;

  ExperimentOperator(JobOptions options, KnownVersions known) {
    super(known);
    this.latenessMillis = options.latenessMillis();
    this.horizonMillis = options.horizonMillis();
  }

  @Override
  public void open() throws Exception {
    evaluators = new HashMap<>();
    plans = new ExperimentPlans(latenessMillis, horizonMillis);
    super.open();
    state = getRuntimeContext().getState(ExperimentsState.PROGRESS);
    for (ExperimentEvaluator evaluator : evaluators.values()) {
      schedule(evaluator);
    }
  }

  @Override
  public void processElement1(StreamRecord<CountChange> element) throws Exception {
    CountChange change = element.getValue();
    ExperimentEvaluator evaluator = evaluators.get(change.experimentId());
    ExperimentProgress progress = state.value();
    if (evaluator == null) {
      await(progress == null ? ExperimentProgress.START : progress, change.changes());
      return;
    }
    if (progress == null) {
      progress = ExperimentProgress.START;
      registerDue(evaluator, progress);
    }
    for (long step : change.changes().keySet()) {
      if (step <= watermark()) {
        registerTimer(evaluator.plan().stepOf(watermark() + 1));
      } else if (!progress.pending().containsKey(step)) {
        registerTimer(step);
      }
    }
    state.update(progress.with(change.changes()));
  }

  /** Keeps changes until their plan comes. */
  private void await(ExperimentProgress progress, SortedMap<Long, Totals> changes)
      throws Exception {
    ExperimentProgress now = progress.with(changes).within(MOST_WAITING_STEPS);
    state.update(now);
    registerExpiry(now);
  }

  private void registerExpiry(ExperimentProgress waiting) {
    if (!waiting.pending().isEmpty()) {
      long expires = waiting.pending().lastKey() + horizonMillis;
      registerTimer((Math.floorDiv(expires, DAY_MILLIS) + 1) * DAY_MILLIS);
    }
  }

  /** Sets the timers of an experiment whose plan is new or has changed. */
  private void schedule(ExperimentEvaluator evaluator) throws Exception {
    String experimentId = evaluator.plan().config().id();
    TaskInfo task = getRuntimeContext().getTaskInfo();
    int owner =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            experimentId,
            task.getMaxNumberOfParallelSubtasks(),
            task.getNumberOfParallelSubtasks());
    if (owner != task.getIndexOfThisSubtask()) {
      return;
    }
    setCurrentKey(experimentId);
    ExperimentProgress progress = state.value();
    if (progress == null) {
      return;
    }
    // Of steps that have passed, too: they are evaluated one by one as event time moves on.
    progress.pending().keySet().forEach(this::registerTimer);
    registerDue(evaluator, progress);
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    long instant = timer.getTimestamp();
    ExperimentProgress before = state.value();
    if (before == null) {
      return;
    }
    ExperimentEvaluator evaluator = evaluators.get(timer.getKey());
    if (evaluator == null) {
      expire(before, instant);
      return;
    }
    if (!before.maturesBy(instant) && before.dueAfter(evaluator) > instant) {
      return;
    }
    long seq = Math.max(before.seq() + 1, wallMicros());
    ExperimentProgress now = before.evaluated(evaluator, instant, seq);
    state.update(now);
    registerDue(evaluator, now);
    publish(evaluator, now, before.status(evaluator.plan()));
  }

  /** Drops what has waited for its plan for the horizon; a conclusion stands without its plan. */
  private void expire(ExperimentProgress waiting, long instant) throws Exception {
    if (!waiting.maturesBy(instant - horizonMillis)) {
      return;
    }
    ExperimentProgress left = waiting.without(instant - horizonMillis);
    if (left.pending().isEmpty() && left.status() == null) {
      state.clear();
    } else {
      state.update(left);
      registerExpiry(left);
    }
  }

  private void registerDue(ExperimentEvaluator evaluator, ExperimentProgress progress) {
    long due = progress.dueAfter(evaluator);
    if (due < Long.MAX_VALUE) {
      registerTimer(due);
    }
  }

  private void publish(
      ExperimentEvaluator evaluator, ExperimentProgress progress, ExperimentStatus before) {
    ExperimentStatus status = progress.status();
    ExperimentReport report = new ExperimentReport(evaluator, progress);
    // A final decision stands as it was written; what is counted beside it goes into the rows.
    if (!before.isFinal()) {
      var decision = report.decision(progress.seq(), wallMillis());
      emit(Output.of(Topic.EXPERIMENT, decision.key(), decision));
    }
    for (ExperimentResultRow row : report.rows(progress.open(), progress.seq())) {
      emit(Output.of(Topic.EXPERIMENT_RESULT, row.key(), row));
    }
    for (Alert alert :
        ExperimentAlerts.of(evaluator.plan(), before, status, progress.seq(), wallMillis())) {
      emit(Output.of(Topic.ALERT, alert.key(), alert));
    }
  }

  @Override
  protected void configure(ConfigVersion version) throws Exception {
    ExperimentPlan plan = plans.add(version);
    if (plan == null) {
      return;
    }
    ExperimentEvaluator evaluator = new ExperimentEvaluator(plan);
    evaluators.put(plan.config().id(), evaluator);
    if (state != null) {
      schedule(evaluator);
    }
    plan.refused().stream()
        .filter(problem -> problem.contains(version.configHash()))
        .forEach(problem -> refused(version, problem));
  }

  @Override
  protected void refused(ConfigVersion version, String problem) {
    // Every subtask receives it, one emits.
    if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
      long now = wallMillis();
      Alert alert =
          ExperimentAlerts.badDocument(
              version.id(),
              version.configHash(),
              problem,
              version.effectiveFrom(),
              now,
              wallMicros());
      emit(Output.of(Topic.ALERT, alert.key(), alert));
    }
  }
}
