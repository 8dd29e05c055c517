package io.heed.flink.sendgate;

import io.heed.core.config.ConfigException;
import io.heed.core.gate.ExperimentBook;
import io.heed.core.gate.Gate;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Erased;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateSettings;
import io.heed.core.gate.Moment;
import io.heed.core.gate.PolicyBook;
import io.heed.core.gate.ValueBook;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TimedOperator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.util.OutputTag;

/**
 * Keeps one value per recipient and lets {@link Gate} decide.
 *
 * <p>An operator of its own and not a process function, since it gives verdicts only when its state
 * is known to be complete, and since a changed policy has to reach inactive recipients.
 *
 * <p>Restarts: positions, and where the verdicts ended shortly before, are stored with the
 * recipients. Verdicts that were given after that are read back before the first record, so that a
 * request that is read again gets the verdict that it had. Two gates never give verdicts at once,
 * see {@link Fence}. Without any state the suppressions are taken over from their topic, and until
 * that is done nothing is allowed.
 */
class GateOperator extends TimedOperator<String, Output>
    implements OneInputStreamOperator<GateInput, Output>, ProcessingTimeCallback {
  private static final long serialVersionUID = 1L;

  /** How complete each partition is, once a second. */
  static final OutputTag<Readiness> READINESS = new OutputTag<>("readiness", Readiness.TYPE);

  static final ValueStateDescriptor<byte[]> RECIPIENT =
      new ValueStateDescriptor<>(
          "recipient", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  static final ListStateDescriptor<RunState> RUN = new ListStateDescriptor<>("run", RunState.TYPE);

  /** Year 5000: the end of a bounded input must not overflow sums, and neither must its start. */
  private static final long LATEST = 95_617_584_000_000L;

  private static final long TICK_MILLIS = 100;
  private static final long HEARTBEAT_MILLIS = Duration.ofSeconds(1).toMillis();

  private final JobOptions options;
  private final GateLog.Opener log;

  private transient RecipientCache recipients;
  private transient ListState<RunState> runs;
  private transient PolicyBook policies;
  private transient ExperimentBook experiments;
  private transient ValueBook values;
  private transient Gate gate;
  private transient Progress progress;
  private transient EndsWatch ends;
  private transient Fence fence;
  private transient String instance;
  private transient RulesReview review;
  private transient GateOutbox outbox;
  private transient ErasedRecipients erased;
  private transient RunState run;
  private transient boolean rebuilt;
  private transient Map<String, List<SendVerdict>> given;
  private transient Map<Part, Long> catchUpTo;
  private transient boolean caughtUp;
  private transient long nextHeartbeat;
  private transient ScheduledFuture<?> nextTick;

  GateOperator(JobOptions options, GateLog.Opener log) {
    this.options = options;
    this.log = log;
  }

  /** Claims first, so that the time until an older gate has stopped is spent on restoring state. */
  @Override
  protected void setup(
      StreamTask<?, ?> task,
      StreamConfig config,
      org.apache.flink.streaming.api.operators.Output<StreamRecord<Output>> output) {
    super.setup(task, config, output);
    instance = instance();
    fence = new Fence(log.heartbeats(), instance, this::wallMillis, System::nanoTime);
    fence.claim();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    // Union: whichever subtask a recipient is at after a restart, all positions are known there.
    runs = context.getOperatorStateStore().getUnionListState(RUN);
    for (RunState each : runs.get()) {
      run = run == null ? each : run.with(each);
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    recipients = new RecipientCache(recipientState(), this::setCurrentKey);
    outbox = new GateOutbox(output, this::registerTimer);
    policies = new PolicyBook();
    experiments = new ExperimentBook();
    GateSettings settings =
        new GateSettings(
            options.reservationMillis(),
            options.horizonMillis(),
            GateSettings.DEFAULTS.retainMillis());
    values = new ValueBook();
    gate = new Gate(policies, experiments, values, settings);
    getMetricGroup().gauge("heed_evicted", gate::evicted);
    getMetricGroup().gauge("heed_misread_places", (Gauge<Long>) gate::misreadPlaces);
    GateLog opened = log.open();
    ends = new EndsWatch(opened, this::wallMillis, run == null ? Map.of() : run.read());
    opened.configuration().forEach(this::configure);
    opened.experiments(experiments::add);
    opened.values(values::add);
    erased = opened.erased();
    if (run == null) {
      run = fresh(ends.request().offsets());
    }
    progress = new Progress(Topic.SEND_VERDICT.ordinal());
    progress.read(
        run.read().entrySet().stream()
            .map(e -> new GateInput.Position(e.getKey(), e.getValue()))
            .toList());
    fence.awaitHandover();
    given = new HashMap<>();
    readBack(opened);
    GateLog.Ends first = ends.request();
    catchUpTo = first.offsets();
    progress.ends(first);
    rebuilt = progress.reached(run.rebuildUntil());
    review = new RulesReview(this::listed, this::keyGroup, keyGroups());
    review.restore(run.rules(), run.unreviewed());
    ends.start();
    nextHeartbeat = wallMillis();
    nextTick = getProcessingTimeService().registerTimer(wallMillis() + TICK_MILLIS, this);
  }

  private RunState fresh(Map<Part, Long> offsets) {
    return new RunState(
        wallMillis(),
        Long.MIN_VALUE,
        Map.of(),
        of(Topic.SUPPRESSION, offsets),
        Map.of(),
        policies.hashAt(Long.MIN_VALUE),
        new BitSet());
  }

  /** The same for all tasks of one attempt, and for no other attempt of this or another job. */
  private String instance() {
    ExecutionAttemptID attempt = getContainingTask().getEnvironment().getExecutionId();
    String text = attempt.toString();
    return text.substring(0, text.indexOf('_')) + "-" + attempt.getAttemptNumber();
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
    run.verdictsFrom().forEach((part, next) -> from.put(part.partition(), next));
    KeyGroupRange own = keyGroups();
    long notBefore = wallMillis() - GateSettings.DEFAULTS.retainMillis();
    opened.verdicts(
        from,
        verdict -> {
          String id = verdict.recipientId();
          if (verdict.emittedAt() >= notBefore
              && own.contains(keyGroup(id))
              && !erased.covers(verdict)) {
            given.computeIfAbsent(id, r -> new ArrayList<>(1)).add(verdict);
          }
        });
  }

  private KeyGroupRange keyGroups() {
    return KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
        getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks(),
        getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
        getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
  }

  private int keyGroup(String recipient) {
    return KeyGroupRangeAssignment.assignToKeyGroup(
        recipient, getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks());
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
      rebuilt |= progress.reached(run.rebuildUntil());
    } else if (input.version() != null) {
      configure(input.version());
    } else if (input.experiment() != null) {
      experiments.add(input.experiment());
    } else if (input.erasure() != null) {
      erased.add(input.erasure());
    } else {
      values.add(input.value());
    }
  }

  private void process(GateInput input) throws Exception {
    GateEvent event = input.event();
    if (event instanceof Erased person) {
      erase(person.erasure());
      return;
    }
    if (event instanceof Recovered && !isOfPreviousRun(input)) {
      return;
    }
    boolean stale = false;
    if (event instanceof GateEvent.Invalid) {
      // It is denied: a verdict like any other.
      fence.check();
    }
    if (event instanceof Requested requested) {
      fence.check();
      if (requested.appendTime() < run.bornAt() - GateSettings.DEFAULTS.retainMillis()) {
        // A request of a previous run, whose verdict is no longer known; no client waits for
        // another.
        return;
      }
      stale = isStale(requested.appendTime());
    }
    byte[] stored =
        event instanceof Requested
            ? recipients.keep(event.recipientId())
            : recipients.value(event.recipientId());
    Erasure erasure = erased.of(event.recipientId());
    byte[] known = stored;
    if (!given.isEmpty() && given.containsKey(event.recipientId())) {
      known = gate.recover(stored, erasure, event.recipientId(), given.remove(event.recipientId()));
    }
    byte[] next = gate.process(known, erasure, event, moment(stale), outbox);
    if (next != stored) {
      recipients.update(event.recipientId(), next);
    }
  }

  private void erase(Erasure erasure) throws IOException {
    String recipient = erasure.recipientId();
    if (erased.clears(erasure, isRestored())) {
      given.computeIfPresent(
          recipient,
          (id, verdicts) -> {
            verdicts.removeIf(verdict -> verdict.decidedAt() <= erasure.eventTime());
            return verdicts.isEmpty() ? null : verdicts;
          });
      byte[] stored = recipients.value(recipient);
      byte[] left = gate.erase(stored, erasure, erased.recognises(erasure));
      if (stored != null || left != null) {
        recipients.update(recipient, left);
      }
    }
  }

  private boolean isOfPreviousRun(GateInput input) {
    Part part = new Part(Topic.SUPPRESSION.ordinal(), input.partition());
    return input.offset() < run.rebuildUntil().getOrDefault(part, 0L);
  }

  private boolean isStale(long appendTime) {
    return !rebuilt || progress.completeUntil() < appendTime - options.staleAfterMillis();
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    byte[] stored = recipients.value(timer.getKey());
    // A watermark that jumps fires timers one by one: each publishes what held at its own instant.
    Moment moment = moment(timer.getTimestamp(), false);
    byte[] next = gate.onTimer(stored, timer.getKey(), timer.getTimestamp(), moment, outbox);
    if (next != stored) {
      recipients.update(timer.getKey(), next);
    }
  }

  // Once in a while.

  @Override
  public void onProcessingTime(long ignored) throws Exception {
    fence.check();
    progress.ends(ends.newest());
    if (!caughtUp && progress.reached(catchUpTo)) {
      // Every request that had its verdict before the start has been read again.
      caughtUp = true;
      given.clear();
    }
    ends.reached(progress.positions());
    if (wallMillis() >= nextHeartbeat) {
      nextHeartbeat = wallMillis() + HEARTBEAT_MILLIS;
      publishReadiness();
    }
    review.inForce(rules());
    review.slice(this::review);
    nextTick = getProcessingTimeService().registerTimer(wallMillis() + TICK_MILLIS, this);
  }

  private void publishReadiness() {
    for (int partition : progress.partitions()) {
      long stateTime = progress.completeUntil(partition);
      Readiness readiness =
          new Readiness(
              getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
              getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
              partition,
              stateTime,
              instance,
              fence.started(),
              rebuilt && stateTime >= wallMillis() - options.staleAfterMillis());
      output.collect(READINESS, new StreamRecord<>(readiness));
    }
  }

  /**
   * All recipients with state, by key group. Those of a group are copied when the walk comes to it,
   * so that recipients who are new meanwhile do not break it.
   */
  private Stream<String> listed() {
    try {
      recipients.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this.<String>getKeyedStateBackend().getKeys(RECIPIENT.getName(), VoidNamespace.INSTANCE);
  }

  /** Emits what other rules have made of a recipient's caps. */
  private void review(String recipient) throws IOException {
    setCurrentKey(recipient);
    byte[] stored = recipients.value(recipient);
    byte[] next = stored == null ? null : gate.review(stored, recipient, moment(false), outbox);
    if (next != stored) {
      recipients.update(recipient, next);
    }
  }

  /** Hash of the rules that hold now. */
  private String rules() {
    return policies.hashAt(eventTime());
  }

  /** How far event time has come, also before this run. */
  private long eventTime() {
    return Math.max(watermark(), run.watermark());
  }

  private Moment moment(boolean stale) {
    return moment(Math.max(0, Math.min(eventTime(), LATEST)), stale);
  }

  private Moment moment(long watermark, boolean stale) {
    long now = wallMillis();
    return new Moment(watermark, now, now * 1_000, stale, review.isPending(rules()));
  }

  // Restarts.

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    recipients.flush();
    RunState now =
        new RunState(
            run.bornAt(),
            watermark() == Long.MAX_VALUE ? run.watermark() : eventTime(),
            progress.positions(),
            run.rebuildUntil(),
            caughtUp ? of(Topic.SEND_VERDICT, ends.newest().offsets()) : run.verdictsFrom(),
            review.rules(),
            review.left());
    runs.update(List.of(now));
  }

  @Override
  public void close() throws Exception {
    if (nextTick != null) {
      nextTick.cancel(false);
    }
    if (review != null) {
      review.close();
    }
    if (ends != null) {
      ends.close();
    }
    if (fence != null) {
      fence.close();
    }
    super.close();
  }
}
