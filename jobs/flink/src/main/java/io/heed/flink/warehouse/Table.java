package io.heed.flink.warehouse;

import io.heed.core.experiments.ExperimentDefinition;
import io.heed.core.gate.ReplyScope;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Alert;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.Decision;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.PipelineMetric;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.RecordShape;
import io.heed.core.model.Reply;
import io.heed.core.model.ResultRow;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A table and the record types whose rows it takes. The columns come from the records' shapes, the
 * table itself from the migrations; a test holds them together.
 *
 * <p>Readers see a view of the table's name. Rows lie in {@code <name>_versions}, as often as they
 * were written; the view shows one of each identity, chosen by content and place in Kafka alone, so
 * that batches, retries and restarts are invisible.
 */
final class Table {
  /** All tables that the job writes, by name. */
  static final Map<String, Table> ALL = new TreeMap<>();

  private static final Map<Class<?>, Table> BY_TYPE = new HashMap<>();

  static final Table EVENTS = events();

  static {
    add(EVENTS);
    add(decisions());
    TopicCodec.ROWS.forEach((name, type) -> add(result(name, type)));
    add(
        new Table("heartbeat")
            .take(Heartbeat.class, shape(Heartbeat.class), seq(row -> emitted(row.content()))));
    add(
        new Table("configuration")
            .take(
                ConfigVersion.class,
                shape(ConfigVersion.class),
                seq(row -> ((ConfigVersion) row.content()).publishedAt())));
    add(
        new Table("experiment_definition")
            .take(
                ExperimentDefinition.class,
                shape(ExperimentDefinition.class),
                seq(row -> ((ExperimentDefinition) row.content()).publishedAt())));
    add(new Table("dead_letter").take(DeadLetter.class, shape(DeadLetter.class), placeInKafka()));
    add(new Table("pipeline_metric").take(PipelineMetric.class, shape(PipelineMetric.class)));
  }

  private final String name;
  private final Map<String, Column> columns = new LinkedHashMap<>();
  private final Map<Class<?>, Map<String, Column>> columnsByType = new HashMap<>();

  private Table(String name) {
    this.name = name;
  }

  private static void add(Table table) {
    ALL.put(table.name, table);
    table.columnsByType.keySet().forEach(type -> BY_TYPE.put(type, table));
  }

  /** The table for a record, or null where none takes it (watermark records). */
  static Table of(Object content) {
    return BY_TYPE.get(content.getClass());
  }

  /** The name that readers know. */
  String name() {
    return name;
  }

  /** The name of the table behind the view. */
  String storage() {
    return name + "_versions";
  }

  /** Type of each column by name. */
  Map<String, String> columnTypes() {
    Map<String, String> types = new LinkedHashMap<>();
    columns.forEach((column, definition) -> types.put(column, definition.type()));
    return types;
  }

  /**
   * How to make a row of each record type.
   *
   * @param order the columns in the order in which values are wanted
   * @throws IllegalStateException if a column of the records is missing there, or one too many
   */
  Map<Class<?>, Function<Row, Object>[]> values(List<String> order) {
    List<String> missing = new ArrayList<>(columns.keySet());
    missing.removeAll(order);
    List<String> unknown = new ArrayList<>(order);
    unknown.removeAll(columns.keySet());
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new IllegalStateException(
          "table %s does not fit: missing columns %s, unknown columns %s"
              .formatted(storage(), missing, unknown));
    }
    Map<Class<?>, Function<Row, Object>[]> values = new HashMap<>();
    columnsByType.forEach((type, own) -> values.put(type, inOrder(order, own)));
    return values;
  }

  private Function<Row, Object>[] inOrder(List<String> order, Map<String, Column> own) {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Function<Row, Object>[] values = new Function[order.size()];
    for (int i = 0; i < values.length; i++) {
      Column column = own.get(order.get(i));
      Object absent = columns.get(order.get(i)).absent();
      values[i] = column == null ? row -> absent : column.value();
    }
    return values;
  }

  @SafeVarargs
  private Table take(Class<?> type, List<Column>... groups) {
    Map<String, Column> own = new LinkedHashMap<>();
    for (List<Column> group : groups) {
      for (Column column : group) {
        own.put(column.name(), column);
        Column before = columns.putIfAbsent(column.name(), column);
        if (before != null && !before.type().equals(column.type())) {
          throw new IllegalStateException(
              "%s.%s is %s and, of %s, %s"
                  .formatted(name, column.name(), before.type(), type, column.type()));
        }
      }
    }
    columnsByType.put(type, own);
    return this;
  }

  private static Table events() {
    Table table = new Table("events");
    ReplyRecogniser recogniser = ReplyRecogniser.standard();
    for (Topic topic : Topic.events()) {
      String eventType = topic.shortName();
      table.take(
          topic.type(),
          List.of(Column.text("event_type", row -> eventType)),
          shape(topic.type()),
          List.of(
              Column.number("late", "UInt8", row -> row.late() ? 1 : 0),
              Column.text("reply_intent", row -> intent(recogniser, (Event) row.content())),
              Column.number("scanner", "UInt8", row -> isScanner(row.content()) ? 1 : 0),
              // Set by EventPlaces alone.
              Column.number("superseded", "UInt8", row -> 0)),
          topic == Topic.REPLY
              ? List.of(
                  Column.text("method", row -> method(recogniser, (Reply) row.content())),
                  Column.text("scope", row -> scope(recogniser, (Reply) row.content())))
              : List.of(),
          placeInKafka());
    }
    return table;
  }

  private static Table decisions() {
    Table table = new Table("decision");
    for (Class<?> type : Decision.class.getPermittedSubclasses()) {
      table.take(
          type,
          List.of(
              Column.text("topic", Row::topic),
              Column.text("decision_id", row -> decision(row).decisionId()),
              Column.instant("decided_at", row -> decision(row).decidedAt()),
              Column.instant("emitted_at", row -> decision(row).emittedAt()),
              Column.text("key", row -> decision(row).key()),
              Column.number("seq", "Int64", row -> decision(row).seq()),
              Column.text("state", row -> state(decision(row))),
              Column.names("reasons", row -> decision(row).reasons()),
              Column.text("payload", Row::json)),
          placeInKafka());
    }
    return table;
  }

  private static Table result(String name, Class<? extends ResultRow> type) {
    List<Column> columns =
        shape(type).stream().filter(column -> !column.name().equals("table")).toList();
    return new Table(name).take(type, columns);
  }

  private static List<Column> shape(Class<?> type) {
    return RecordShape.of(type).components().stream().map(Column::of).toList();
  }

  private static List<Column> seq(Function<Row, Object> seq) {
    return List.of(Column.number("seq", "Int64", seq));
  }

  private static List<Column> placeInKafka() {
    return List.of(
        Column.instant("appended_at", Row::appendTime),
        Column.number("precedence", "UInt64", Row::precedence));
  }

  private static Decision decision(Row row) {
    return (Decision) row.content();
  }

  private static long emitted(Object heartbeat) {
    return ((Heartbeat) heartbeat).emittedAt();
  }

  private static String intent(ReplyRecogniser recogniser, Event event) {
    return event instanceof Reply reply ? recogniser.recognise(reply.body()).kind().name() : "";
  }

  /** How a reply revokes; empty if it does not. */
  private static String method(ReplyRecogniser recogniser, Reply reply) {
    RevocationMethod method = revocation(recogniser, reply);
    return method == null ? "" : method.name();
  }

  /** The scope of a reply that revokes whatever message it answers; else empty. */
  private static String scope(ReplyRecogniser recogniser, Reply reply) {
    RevocationMethod method = revocation(recogniser, reply);
    return method != null && ReplyScope.isAll(method, reply.eventTime()) ? "*" : "";
  }

  private static RevocationMethod revocation(ReplyRecogniser recogniser, Reply reply) {
    ReplyIntent intent = recogniser.recognise(reply.body());
    return intent.revokes() ? RevocationMethod.of(intent) : null;
  }

  private static boolean isScanner(Object event) {
    return event instanceof Click click && LinkScanners.standard().isScanner(click);
  }

  /** The state of a decision, in one word. */
  private static String state(Decision decision) {
    Enum<?> state;
    if (decision instanceof SuppressionDecision suppression) {
      state = suppression.state();
    } else if (decision instanceof FrequencyCapDecision cap) {
      state = cap.state();
    } else if (decision instanceof SendVerdict verdict) {
      state = verdict.verdict();
    } else if (decision instanceof ExperimentDecision experiment) {
      state = experiment.state();
    } else if (decision instanceof RecipientSignal signal) {
      state = signal.state();
    } else if (decision instanceof ValueModelVersion version) {
      return version.ready() ? "READY" : "LEARNING";
    } else {
      state = ((Alert) decision).state();
    }
    return state.name();
  }
}
