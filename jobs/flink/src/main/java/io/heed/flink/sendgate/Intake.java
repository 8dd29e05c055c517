package io.heed.flink.sendgate;

import io.heed.core.Documents;
import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import io.heed.core.config.DocumentKind;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Erased;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpRequested;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Sunset;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Erasure;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptOut;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Signal;
import io.heed.core.model.SignalState;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.Touch;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateInput.Position;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Reduces records to what the gate decides by and drops what changes nothing, before anything goes
 * over the network. Emits to every subtask of the gate how far it has read, behind the records
 * themselves.
 */
final class Intake extends AbstractStreamOperator<GateInput>
    implements OneInputStreamOperator<Input, GateInput>, ProcessingTimeCallback {
  private static final long serialVersionUID = 1L;

  /** Alerts about records and documents that cannot be used. */
  static final OutputTag<Output> ALERTS = new OutputTag<>("alerts", Output.TYPE);

  /**
   * A send is live if it is reported within this time; breaches are looked for in live ones only.
   */
  private static final long LIVE_MILLIS = Duration.ofMinutes(5).toMillis();

  private static final long INTERVAL_MILLIS = 200;

  private transient ReplyRecogniser recogniser;
  private transient FailSafe failSafe;
  private transient Map<Part, Long> read;
  private transient List<String> subtaskKeys;
  private transient boolean moved;
  private transient Counter unreadable;
  private transient Counter late;
  private transient ScheduledFuture<?> nextReport;

  @Override
  public void open() throws Exception {
    super.open();
    recogniser = ReplyRecogniser.standard();
    failSafe = new FailSafe(recogniser);
    read = new HashMap<>();
    unreadable = getMetricGroup().counter("heed_unreadable");
    late = getMetricGroup().counter("heed_late");
    subtaskKeys = subtaskKeys();
    nextReport = getProcessingTimeService().registerTimer(now() + INTERVAL_MILLIS, this);
  }

  /** A key for each subtask of the gate, which has the parallelism of this operator. */
  private List<String> subtaskKeys() {
    int max = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
    int parallelism = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
    List<String> keys = new ArrayList<>();
    for (int i = 0; keys.size() < parallelism; i++) {
      // No recipient's id begins with a control character.
      String key = "\u0000" + i;
      if (KeyGroupRangeAssignment.assignKeyToParallelOperator(key, max, parallelism)
          == keys.size()) {
        keys.add(key);
      }
    }
    return keys;
  }

  @Override
  public void processElement(StreamRecord<Input> element) {
    Input input = element.getValue();
    read.put(new Part(input.topic().ordinal(), input.partition()), input.offset() + 1);
    moved = true;
    if (input.unreadable() != null) {
      unreadable(input);
      return;
    }
    if (input.content() instanceof ConfigVersion version) {
      configure(version);
      return;
    }
    if (input.content() instanceof ExperimentDecision decision) {
      subtaskKeys.forEach(key -> emit(GateInput.of(key, decision)));
      return;
    }
    if (input.content() instanceof ValueModelVersion version) {
      subtaskKeys.forEach(key -> emit(GateInput.of(key, version)));
      return;
    }
    if (input.content() instanceof Erasure erasure) {
      // First who was erased, so that the gate knows it when it expires their state.
      subtaskKeys.forEach(key -> emit(GateInput.of(key, erasure)));
    }
    GateEvent event = event(input);
    if (event != null) {
      emit(GateInput.of(event, input.partition(), input.offset()));
    }
  }

  private void emit(GateInput input) {
    output.collect(new StreamRecord<>(input));
  }

  /** What the gate needs of a record; null for nothing. */
  private GateEvent event(Input input) {
    Object content = input.content();
    if (content instanceof OptOut o) {
      return new Revoked(
          o.recipientId(), input.time(), o.scope(), null, RevocationMethod.of(o.method()));
    }
    if (content instanceof OptIn o) {
      return new Consented(
          o.recipientId(),
          input.time(),
          o.scope(),
          null,
          ConsentMethod.of(o.method(), o.evidence()));
    }
    if (content instanceof Reply reply) {
      return reply(reply, input.time());
    }
    if (content instanceof SuppressionDecision decision) {
      return new Recovered(decision);
    }
    if (content instanceof RecipientSignal signal) {
      return sunset(signal);
    }
    if (content instanceof Erasure erasure) {
      return erasure.recipientId() == null ? null : new Erased(erasure);
    }
    if (input.late()) {
      late.inc();
      return null;
    }
    if (content instanceof Send s) {
      return new Sent(
          s.recipientId(),
          s.eventTime(),
          input.appendTime() - s.eventTime() <= LIVE_MILLIS,
          s.messageId(),
          s.campaignId(),
          s.listId(),
          s.category(),
          s.region(),
          s.timeZone(),
          s.requestId(),
          s.tags() == null ? List.of() : s.tags(),
          s.experimentId() == null || s.variantId() == null
              ? null
              : exposure(s.experimentId(), s.variantId(), s.epoch()));
    }
    if (content instanceof Assignment a) {
      return new Exposed(
          a.recipientId(), a.eventTime(), exposure(a.experimentId(), a.variantId(), a.epoch()));
    }
    if (content instanceof Delivery d) {
      return d.status().compareTo(DeliveryStatus.EXPIRED) < 0
          ? null
          : new Receipt(
              d.recipientId(),
              d.eventTime(),
              d.messageId(),
              d.status(),
              DeliveryErrors.standard().classOf(d));
    }
    if (content instanceof Click c) {
      return c.messageId() == null || LinkScanners.standard().isScanner(c)
          ? null
          : new Clicked(c.recipientId(), c.eventTime(), c.messageId(), LinkScanners.hasAgent(c));
    }
    if (content instanceof SendRequest request) {
      return new Requested(request, input.appendTime());
    }
    if (content instanceof Touch t) {
      return new Touched(t.recipientId(), t.eventTime(), t.eventId(), t.channel());
    }
    return null;
  }

  /** Of the signals the gate decides by one alone. */
  private static GateEvent sunset(RecipientSignal signal) {
    if (signal.signal() != Signal.SUNSET) {
      return null;
    }
    boolean holds = signal.state() == SignalState.SET && signal.validUntil() != null;
    return new Sunset(signal.recipientId(), signal.decidedAt(), holds ? signal.validUntil() : 0);
  }

  private static PriorAssignment exposure(String experiment, String variant, Integer epoch) {
    return new PriorAssignment(experiment, variant, epoch == null ? 0 : epoch);
  }

  /**
   * Consent counts from the smaller of its own instant and its append time: a clock that runs ahead
   * outranks no later opt-out.
   */
  private GateEvent reply(Reply r, long time) {
    ReplyIntent intent = recogniser.recognise(r.body());
    return switch (intent.kind()) {
      case OPT_OUT, WRONG_NUMBER -> {
        RevocationMethod method = RevocationMethod.of(intent);
        yield new Revoked(r.recipientId(), time, method.replyScope(), r.messageId(), method);
      }
      case START ->
          new Consented(r.recipientId(), time, null, r.messageId(), ConsentMethod.KEYWORD);
      case YES -> new Consented(r.recipientId(), time, null, r.messageId(), ConsentMethod.YES);
      case HELP -> new HelpRequested(r.recipientId(), time);
      case NONE -> null;
    };
  }

  // What cannot be used.

  private void unreadable(Input input) {
    unreadable.inc();
    if (input.topic() == Topic.CONFIG) {
      alertConfig(place(input), input.appendTime(), input.unreadable());
    } else if (input.topic() == Topic.SEND_REQUEST) {
      Invalid request = failSafe.request(input);
      if (request != null) {
        emit(GateInput.of(request, input.partition(), input.offset()));
      }
    } else if (FailSafe.concerns(input)) {
      List<Revoked> revocations = failSafe.revocations(input);
      revocations.forEach(each -> emit(GateInput.of(each, input.partition(), input.offset())));
      if (!revocations.isEmpty() || input.topic() == Topic.OPT_OUT) {
        alertOptOut(input, revocations);
      }
    }
  }

  private void alertOptOut(Input input, List<Revoked> revocations) {
    Map<String, Object> evidence = new TreeMap<>();
    evidence.put("record", place(input));
    evidence.put("reason", input.unreadable());
    evidence.put("suppressed", !revocations.isEmpty());
    if (!revocations.isEmpty()) {
      evidence.put("recipient_id", revocations.get(0).recipientId());
    }
    alert(
        "invalid_opt_out",
        AlertSeverity.CRITICAL,
        place(input),
        input.appendTime(),
        List.of(ReasonCode.OPTED_OUT),
        evidence);
  }

  /** The document's kind decides whether it can be used; the gate itself ignores a wrong policy. */
  private void configure(ConfigVersion version) {
    subtaskKeys.forEach(key -> emit(GateInput.of(key, version)));
    DocumentKind<?> kind =
        Documents.KINDS.stream()
            .filter(each -> each.name().equals(version.kind()))
            .findFirst()
            .orElse(null);
    if (kind == null) {
      alertConfig(version.key(), version.publishedAt(), "no such kind of document");
      return;
    }
    try {
      kind.parser().parse(version.key(), version.document());
    } catch (ConfigException e) {
      alertConfig(
          version.key(),
          version.publishedAt(),
          String.join("\n", e.errors().stream().map(ConfigError::toString).toList()));
    }
  }

  private void alertConfig(String subject, long at, String reason) {
    alert(
        "bad_config",
        AlertSeverity.WARNING,
        subject,
        at,
        List.of(),
        Map.of("reason", reason, "effect", "nothing has changed"));
  }

  private void alert(
      String kind,
      AlertSeverity severity,
      String subject,
      long at,
      List<ReasonCode> reasons,
      Map<String, Object> evidence) {
    String alertId = kind + "|" + subject;
    Alert alert =
        new Alert(
            alertId + "|" + at,
            at,
            now(),
            reasons,
            now() * 1_000,
            null,
            alertId,
            kind,
            severity,
            subject,
            null,
            null,
            AlertState.FIRING,
            evidence);
    output.collect(ALERTS, new StreamRecord<>(Output.of(Topic.ALERT, alertId, alert)));
  }

  private static String place(Input input) {
    return input.topic().baseName() + "|" + input.partition() + "|" + input.offset();
  }

  // How far it has read.

  @Override
  public void onProcessingTime(long ignored) {
    report();
    nextReport = getProcessingTimeService().registerTimer(now() + INTERVAL_MILLIS, this);
  }

  /**
   * What a checkpoint's source has passed is reported before its barrier: a partition that stays
   * quiet after a restart would else seem unread.
   */
  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    report();
  }

  private void report() {
    if (moved) {
      moved = false;
      List<Position> progress =
          read.entrySet().stream().map(e -> new Position(e.getKey(), e.getValue())).toList();
      subtaskKeys.forEach(key -> emit(GateInput.of(key, progress)));
    }
  }

  @Override
  public void close() throws Exception {
    if (nextReport != null) {
      nextReport.cancel(false);
    }
    super.close();
  }

  private long now() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }
}
