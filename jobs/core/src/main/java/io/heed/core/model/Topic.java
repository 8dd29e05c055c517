package io.heed.core.model;

import java.util.Arrays;
import java.util.List;

/** The topics of a deployment: what each carries and how Kafka keeps it. */
public enum Topic {
  SEND("sms.send", Send.class, Retention.HORIZON),
  DELIVERY("sms.delivery", Delivery.class, Retention.HORIZON),
  CLICK("sms.click", Click.class, Retention.HORIZON),
  REPLY("sms.reply", Reply.class, Retention.HORIZON),
  OPT_OUT("sms.opt-out", OptOut.class, Retention.FOREVER),
  OPT_IN("sms.opt-in", OptIn.class, Retention.FOREVER),
  CONVERSION("sms.conversion", Conversion.class, Retention.HORIZON),
  TOUCH("sms.touch", Touch.class, Retention.HORIZON),
  ASSIGNMENT("sms.assignment", Assignment.class, Retention.HORIZON),
  SEND_REQUEST("sms.send-request", SendRequest.class, Retention.WEEK),

  SUPPRESSION("sms.decision.suppression", SuppressionDecision.class, Retention.COMPACTED),
  FREQUENCY_CAP("sms.decision.frequency-cap", FrequencyCapDecision.class, Retention.COMPACTED),
  SEND_VERDICT("sms.decision.send-verdict", SendVerdict.class, Retention.WEEK),
  EXPERIMENT("sms.decision.experiment", ExperimentDecision.class, Retention.COMPACTED),
  HEARTBEAT("sms.decision.heartbeat", Heartbeat.class, Retention.COMPACTED),
  RECIPIENT_SIGNAL("sms.decision.recipient-signal", RecipientSignal.class, Retention.COMPACTED),
  VALUE_MODEL("sms.decision.value-model", ValueModelVersion.class, Retention.COMPACTED),
  ALERT("sms.alert", Alert.class, Retention.COMPACTED),
  LIST_HEALTH_RESULT("sms.result.list-health", ResultRow.class, Retention.COMPACTED),
  ATTRIBUTION_RESULT("sms.result.attribution", ResultRow.class, Retention.COMPACTED),
  EXPERIMENT_RESULT("sms.result.experiment", ResultRow.class, Retention.COMPACTED),
  DEAD_LETTER("sms.dead-letter", DeadLetter.class, Retention.COMPACTED),
  CONFIG("sms.config", ConfigVersion.class, Retention.COMPACTED),
  PIPELINE_METRIC("sms.pipeline-metric", PipelineMetric.class, Retention.WEEK),
  TIME_MARK("sms.time-mark", TimeMark.class, Retention.WEEK),
  ERASURE("sms.erasure", Erasure.class, Retention.COMPACTED);

  /** How long Kafka keeps a topic's records. */
  public enum Retention {
    /** Longer than the horizon within which results are restated. */
    HORIZON(40),
    /** Proof of consent and revocation is never thrown away. */
    FOREVER(-1),
    /** Requests and verdicts: of use for a short time. */
    WEEK(7),
    /** The newest record of each key, for ever. */
    COMPACTED(-1);

    private final long days;

    Retention(long days) {
      this.days = days;
    }

    /** Value of Kafka's {@code retention.ms}; -1 is for ever. */
    public long millis() {
      return days < 0 ? -1 : days * 86_400_000L;
    }
  }

  private final String baseName;
  private final Class<?> type;
  private final Retention retention;

  Topic(String baseName, Class<?> type, Retention retention) {
    this.baseName = baseName;
    this.type = type;
    this.retention = retention;
  }

  /** The topics that carry events, in the order of the enum. */
  public static List<Topic> events() {
    return Arrays.stream(values()).filter(Topic::carriesEvents).toList();
  }

  /** Name without the deployment's prefix. */
  public String baseName() {
    return baseName;
  }

  /** The record type of the values; {@link ResultRow} where {@code table} names the row's type. */
  public Class<?> type() {
    return type;
  }

  public Retention retention() {
    return retention;
  }

  /** Whether it carries what happens to recipients; an erasure is about what is known of them. */
  public boolean carriesEvents() {
    return Event.class.isAssignableFrom(type) && this != ERASURE;
  }

  /** The last part of the name, the {@code event_type} of the warehouse: {@code opt-out}. */
  public String shortName() {
    return baseName.substring(baseName.lastIndexOf('.') + 1);
  }
}
