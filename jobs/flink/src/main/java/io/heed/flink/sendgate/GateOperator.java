package io.heed.flink.sendgate;

import io.heed.core.config.ConfigException;
import io.heed.core.gate.ExperimentBook;
import io.heed.core.gate.Gate;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Asked;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.PolicyBook;
import io.heed.core.model.Alert;
import io.heed.core.model.Assignment;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Keeps one value per recipient and lets {@link Gate} decide.
 *
 * <p>An operator of its own and not a process function, since it answers only when its state is
 * known to be complete, and since a changed policy has to reach recipients of whom nothing is
 * heard.
 *
 * <p>Restarts: positions, and where the verdicts ended shortly before, are stored with the
 * recipients. Verdicts that were given after that are read back before the first record, so that a
 * question that is read again gets the answer that it had. Without any state the suppressions are
 * taken over from their topic, and until that is done nothing is allowed.
 */
class GateOperator extends AbstractStreamOperator<Output>
    implements OneInputStreamOperator<GateInput, Output>,
        Triggerable<String, VoidNamespace>,
        ProcessingTimeCallback,
        Gate.Outbox {
  private static final long serialVersionUID = 1L;

  /** How complete each partition is, once a second. */
  static final OutputTag<Readiness> READINESS = new OutputTag<>("readiness", Readiness.TYPE);

  static final ValueStateDescriptor<byte[]> RECIPIENT =
      new ValueStateDescriptor<>("recipient", StoredState.TYPE);
  static final ListStateDescriptor<Life> LIFE = new ListStateDescriptor<>("life", Life.TYPE);
  static final String TIMERS = "timers";

  /** Year 5000: the end of a bounded input must not overflow sums, and neither must its start. */
  private static final long LATEST = 95_617_584_000_000L;

  private static final long TICK_MILLIS = 100;
  private static final long HEARTBEAT_MILLIS = Duration.ofSeconds(1).toMillis();

  /** Recipients that are looked at again per tick after a change of policy: 1,000 a second. */
  private static final int REVIEWED_PER_TICK = 100;

  private final JobOptions options;
  private final GateLog.Opener log;

  private transient RecipientCache recipients;
  private transient ListState<Life> lives;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient PolicyBook policies;
  private transient ExperimentBook experiments;
  private transient Gate gate;
  private transient Progress progress;
  private transient EndsWatch ends;
  private transient Life life;
  private transient boolean restored;
  private transient boolean rebuilt;
  private transient Map<String, List<SendVerdict>> given;
  private transient Queue<String> toReview;
  private transient Object reviewed;
  private transient long startedAt;
  private transient boolean caughtUp;
  private transient long nextHeartbeat;
  private transient ScheduledFuture<?> nextTick;
  private transient StreamRecord<Output> record;

  GateOperator(JobOptions options, GateLog.Opener log) {
    this.options = options;
    this.log = log;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    // Union: whichever subtask a recipient is at after a restart, all positions are known there.
    lives = context.getOperatorStateStore().getUnionListState(LIFE);
    restored = context.isRestored();
    for (Life each : lives.get()) {
      life = life == null ? each : life.with(each);
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    recipients = new RecipientCache(recipientState(), this::setCurrentKey);
    timers = getInternalTimerService(TIMERS, VoidNamespaceSerializer.INSTANCE, this);
    record = new StreamRecord<>(null);
    policies = new PolicyBook();
    experiments = new ExperimentBook();
    Gate.Settings settings =
        new Gate.Settings(
            options.reservationMillis(),
            options.horizonMillis(),
            Gate.Settings.DEFAULTS.rememberMillis());
    gate = new Gate(policies, experiments, settings);
    getMetricGroup().gauge("heed_evicted", gate::evicted);
    getMetricGroup().gauge("heed_misread_places", (Gauge<Long>) gate::misreadPlaces);
    progress = new Progress(Topic.SEND_VERDICT.ordinal());
    given = new HashMap<>();
    toReview = new ArrayDeque<>();
    GateLog opened = log.open();
    ends = new EndsWatch(opened, this::now);
    opened.configuration().forEach(this::configure);
    opened.experiments(experiments::add);
    EndsWatch.Ends first = ends.ask();
    startedAt = first.at();
    if (life == null) {
      life = new Life(now(), Map.of(), of(Topic.SUPPRESSION, first.offsets()), Map.of());
    }
    readBack(opened);
    progress.read(
        life.read().entrySet().stream()
            .map(e -> new GateInput.Position(e.getKey(), e.getValue()))
            .toList());
    progress.ends(first.at(), first.offsets());
    rebuilt = progress.reached(life.rebuildUntil());
    reviewed = restored ? null : rules();
    ends.start();
    nextHeartbeat = now();
    nextTick = getProcessingTimeService().registerTimer(now() + TICK_MILLIS, this);
  }

  /** A recipient's value; tests count how often it is touched. */
  ValueState<byte[]> recipientState() {
    return getRuntimeContext().getState(RECIPIENT);
  }

  private static Map<Part, Long> of(Topic topic, Map<Part, Long> offsets) {
    return offsets.entrySet().stream()
        .filter(e -> e.getKey().isOf(topic))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private void readBack(GateLog opened) {
    Map<Integer, Long> from = new HashMap<>();
    life.verdictsFrom().forEach((part, next) -> from.put(part.partition(), next));
    KeyGroupRange own =
        KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
            maxParallelism(),
            getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
            getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
    long notBefore = now() - Gate.Settings.DEFAULTS.rememberMillis();
    opened.verdicts(
        from,
        verdict -> {
          String id = verdict.recipientId();
          if (verdict.emittedAt() >= notBefore
              && own.contains(KeyGroupRangeAssignment.assignToKeyGroup(id, maxParallelism()))) {
            given.computeIfAbsent(id, r -> new ArrayList<>(1)).add(verdict);
          }
        });
  }

  private int maxParallelism() {
    return getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
  }

  /** A wrong document changes nothing; the intake raises the alert. */
  private void configure(ConfigVersion version) {
    try {
      policies.add(version);
      experiments.add(version);
    } catch (ConfigException e) {
      LOG.warn("{} is not used: {}", version.key(), e.getMessage());
    }
  }

  @Override
  public void processElement(StreamRecord<GateInput> element) throws Exception {
    GateInput input = element.getValue();
    if (input.event() != null) {
      process(input);
    } else if (input.progress() != null) {
      progress.read(input.progress());
      rebuilt |= progress.reached(life.rebuildUntil());
    } else if (input.version() != null) {
      configure(input.version());
    } else {
      experiments.add(input.experiment());
    }
  }

  private void process(GateInput input) throws Exception {
    GateEvent event = input.event();
    if (event instanceof Recovered && !isOfEarlierLife(input)) {
      return;
    }
    boolean stale = false;
    if (event instanceof Asked asked) {
      if (asked.appendTime() < life.bornAt() - Gate.Settings.DEFAULTS.rememberMillis()) {
        // Asked of an earlier life, whose answer is no longer known; nobody waits for another.
        return;
      }
      stale = isStale(asked.appendTime());
    }
    byte[] stored = recipients.heard(event.recipientId());
    byte[] known = stored;
    if (!given.isEmpty() && given.containsKey(event.recipientId())) {
      known = gate.recover(stored, event.recipientId(), given.remove(event.recipientId()));
    }
    byte[] next = gate.process(known, event, moment(stale), this);
    if (next != stored) {
      recipients.update(event.recipientId(), next);
    }
  }

  private boolean isOfEarlierLife(GateInput input) {
    Part part = new Part(Topic.SUPPRESSION.ordinal(), input.partition());
    return input.offset() < life.rebuildUntil().getOrDefault(part, 0L);
  }

  private boolean isStale(long appendTime) {
    return !rebuilt || progress.completeUntil() < appendTime - options.staleAfterMillis();
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    byte[] stored = recipients.looked(timer.getKey());
    // A watermark that jumps wakes one by one: each tells what held at its own instant.
    Gate.Moment moment = moment(timer.getTimestamp(), false);
    byte[] next = gate.wake(stored, timer.getKey(), timer.getTimestamp(), moment, this);
    if (next != stored) {
      recipients.update(timer.getKey(), next);
    }
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
    // None is registered.
  }

  // Once in a while.

  @Override
  public void onProcessingTime(long ignored) throws Exception {
    EndsWatch.Ends newest = ends.newest();
    progress.ends(newest.at(), newest.offsets());
    if (!caughtUp && progress.completeUntil() >= startedAt) {
      // Whatever was asked before the start has been asked again.
      caughtUp = true;
      given.clear();
    }
    // Oftener than the watch asks: positions that it sees twice would look as if reading stood
    // still.
    ends.reached(progress.positions());
    if (now() >= nextHeartbeat) {
      nextHeartbeat = now() + HEARTBEAT_MILLIS;
      tellReadiness();
    }
    review();
    nextTick = getProcessingTimeService().registerTimer(now() + TICK_MILLIS, this);
  }

  private void tellReadiness() {
    for (int partition : progress.partitions()) {
      long stateTime = progress.completeUntil(partition);
      Readiness readiness =
          new Readiness(
              getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
              getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
              partition,
              stateTime,
              rebuilt && stateTime >= now() - options.staleAfterMillis());
      output.collect(READINESS, new StreamRecord<>(readiness));
    }
  }

  /** When other rules have come to hold, every recipient is looked at again, a few at a time. */
  private void review() throws Exception {
    Object rules = rules();
    if (rules != reviewed) {
      reviewed = rules;
      toReview.clear();
      recipients.flush();
      try (Stream<String> keys =
          this.<String>getKeyedStateBackend()
              .getKeys(RECIPIENT.getName(), VoidNamespace.INSTANCE)) {
        keys.forEach(toReview::add);
      }
    }
    for (int i = 0; i < REVIEWED_PER_TICK && !toReview.isEmpty(); i++) {
      String key = toReview.remove();
      setCurrentKey(key);
      byte[] stored = recipients.looked(key);
      byte[] next = stored == null ? null : gate.review(stored, key, moment(false), this);
      if (next != stored) {
        recipients.update(key, next);
      }
    }
  }

  /** The rules that hold now; the same object as long as they are the same. */
  private Object rules() {
    return policies.at(timers.currentWatermark());
  }

  private Gate.Moment moment(boolean stale) {
    return moment(Math.max(0, Math.min(timers.currentWatermark(), LATEST)), stale);
  }

  private Gate.Moment moment(long watermark, boolean stale) {
    long now = now();
    boolean reviewing = !toReview.isEmpty() || rules() != reviewed;
    return new Gate.Moment(watermark, now, now * 1_000, stale, reviewing);
  }

  private long now() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  // What the gate has to say.

  @Override
  public void write(Decision decision) {
    if (decision instanceof SuppressionDecision suppression) {
      write(about(suppression.recipientId(), Topic.SUPPRESSION, decision));
    } else if (decision instanceof FrequencyCapDecision cap) {
      write(about(cap.recipientId(), Topic.FREQUENCY_CAP, decision));
    } else if (decision instanceof SendVerdict verdict) {
      write(about(verdict.recipientId(), Topic.SEND_VERDICT, decision));
    } else if (decision instanceof Alert) {
      write(Output.of(Topic.ALERT, decision.key(), decision));
    } else {
      throw new IllegalStateException("the gate does not tell " + decision);
    }
  }

  private static Output about(String recipientId, Topic topic, Decision decision) {
    return Output.about(recipientId, topic, decision.key(), decision);
  }

  private void write(Output out) {
    output.collect(record.replace(out));
  }

  @Override
  public void assign(Assignment assignment) {
    write(
        Output.about(
            assignment.recipientId(), Topic.ASSIGNMENT, assignment.recipientId(), assignment));
  }

  @Override
  public void wakeAt(long eventTime) {
    timers.registerEventTimeTimer(VoidNamespace.INSTANCE, eventTime);
  }

  // Restarts.

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    recipients.flush();
    Life now =
        new Life(
            life.bornAt(),
            progress.positions(),
            life.rebuildUntil(),
            caughtUp ? of(Topic.SEND_VERDICT, ends.newest().offsets()) : life.verdictsFrom());
    lives.update(List.of(now));
  }

  @Override
  public void close() throws Exception {
    if (nextTick != null) {
      nextTick.cancel(false);
    }
    if (ends != null) {
      ends.close();
    }
    super.close();
  }
}
