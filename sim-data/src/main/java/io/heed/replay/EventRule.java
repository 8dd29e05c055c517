package io.heed.replay;

import io.heed.core.config.ConfigNode;
import io.heed.core.model.Event;
import io.heed.core.model.RecordShape;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.RecordShape.Kind;
import io.heed.core.model.Topic;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** How a mapping makes one kind of event of a journey. */
final class EventRule {
  private static final Set<String> OWN = Set.of("event_id", "event_time", "recipient_id");
  private static final int MAX_STEPS = 10_000;

  /**
   * A field of the event.
   *
   * @param index among the record's components
   * @param values one, or for a list of texts any number
   */
  private record FieldRule(int index, Component component, List<Value> values) {}

  /**
   * Repetition of the event for each step of a path.
   *
   * @param everyMillis from one step to the next
   */
  private record Each(Value of, Pattern by, long everyMillis, int step, int index) {}

  final String name;
  private final RecordShape<?> shape;
  private final List<Condition> when;
  private final int at;
  private final Each each;
  private final List<FieldRule> fields;
  private final Object[] absent;
  private final int eventId;
  private final int eventTime;
  private final int recipientId;

  private EventRule(
      String name,
      RecordShape<?> shape,
      List<Condition> when,
      int at,
      Each each,
      List<FieldRule> fields) {
    this.name = name;
    this.shape = shape;
    this.when = when;
    this.at = at;
    this.each = each;
    this.fields = fields;
    this.absent = shape.components().stream().map(EventRule::absent).toArray();
    this.eventId = shape.indexOf("event_id");
    this.eventTime = shape.indexOf("event_time");
    this.recipientId = shape.indexOf("recipient_id");
  }

  static EventRule read(ConfigNode node, List<String> times, Names journey) {
    List<String> topics = Topic.events().stream().map(Topic::baseName).toList();
    String topicName = node.required("topic").oneOf(topics);
    Topic topic = Topic.events().get(Math.max(0, topics.indexOf(topicName)));
    Names names = journey.inner();
    Each each = node.optional("each").map(e -> each(e, names)).orElse(null);
    RecordShape<?> shape = RecordShape.of(topic.type());
    return new EventRule(
        node.optional("name").map(Names::text).orElse(topic.shortName()),
        shape,
        node.optional("when").map(w -> Condition.read(w, names)).orElse(List.of()),
        Math.max(0, times.indexOf(node.required("at").oneOf(times))),
        each,
        fields(node, shape, names));
  }

  private static Each each(ConfigNode node, Names names) {
    Value of = Value.template(node.required("of"), names);
    return new Each(
        of,
        Pattern.compile(node.required("by").text(), Pattern.LITERAL),
        node.required("every").duration(Duration.ZERO, Duration.ofDays(366)).toMillis(),
        names.declare("step"),
        names.declare("i"));
  }

  private static List<FieldRule> fields(ConfigNode event, RecordShape<?> shape, Names names) {
    TreeSet<String> known = new TreeSet<>();
    TreeSet<String> missing = new TreeSet<>();
    for (Component component : shape.components()) {
      if (!OWN.contains(component.name())) {
        known.add(component.name());
        if (component.required()) {
          missing.add(component.name());
        }
      }
    }
    List<FieldRule> rules = new ArrayList<>();
    event
        .optional("fields")
        .ifPresent(
            fields -> {
              for (String name : fields.names()) {
                ConfigNode node = fields.required(name);
                if (!known.contains(name)) {
                  node.error(
                      OWN.contains(name) ? "is made by the replay itself" : "unknown field",
                      String.join(", ", known));
                } else {
                  rules.add(field(node, shape.indexOf(name), shape, names));
                  missing.remove(name);
                }
              }
            });
    if (!missing.isEmpty()) {
      event.error("fields: " + String.join(", ", missing) + " required, but missing", "");
    }
    return List.copyOf(rules);
  }

  private static FieldRule field(ConfigNode node, int index, RecordShape<?> shape, Names names) {
    Component component = shape.components().get(index);
    FieldRule rule =
        new FieldRule(
            index,
            component,
            component.kind() == Kind.TEXTS
                ? List.copyOf(node.list(text -> (Value) Value.template(text, names)))
                : List.of(Value.read(node, names)));
    if (node.valid() && rule.values().stream().allMatch(Value::isConstant)) {
      try {
        value(rule, new Scope(new String[0], "", 0));
      } catch (RowException e) {
        node.error(e.getMessage(), e.allowed());
      }
    }
    return rule;
  }

  /** Index of the time that the event, or its first step, happens at. */
  int at() {
    return at;
  }

  boolean applies(Scope scope) {
    return when.stream().allMatch(condition -> condition.holds(scope));
  }

  /** How long after the first step the last one happens. */
  long lastStepMillis(Scope scope) throws RowException {
    return each == null ? 0 : (steps(scope).size() - 1) * each.everyMillis;
  }

  /**
   * Makes the event, or one for each step.
   *
   * @param idPrefix of the events' ids
   * @param time epoch milliseconds
   */
  void make(Scope scope, String idPrefix, String recipient, long time, List<Event> out)
      throws RowException {
    String id = idPrefix + name;
    if (each == null) {
      out.add(make(scope, id, recipient, time));
      return;
    }
    int i = 0;
    for (String step : steps(scope)) {
      scope.texts[each.step] = step;
      scope.texts[each.index] = Integer.toString(i);
      out.add(make(scope, id + "-" + i, recipient, time + i * each.everyMillis));
      i++;
    }
  }

  private List<String> steps(Scope scope) throws RowException {
    List<String> steps =
        Arrays.stream(each.by.split(each.of.in(scope), MAX_STEPS + 1)).map(String::strip).toList();
    if (steps.size() > MAX_STEPS || steps.contains("")) {
      throw new RowException(
          each.of.reads(),
          steps.size() > MAX_STEPS ? "too many steps" : "a step is empty",
          "1 to " + MAX_STEPS + " steps with '" + each.by + "' between them");
    }
    return steps;
  }

  private Event make(Scope scope, String id, String recipient, long time) throws RowException {
    Object[] values = absent.clone();
    values[eventId] = id;
    values[eventTime] = time;
    values[recipientId] = recipient;
    for (FieldRule field : fields) {
      Object value = value(field, scope);
      if (value != null) {
        values[field.index()] = value;
      }
    }
    return (Event) shape.build(values);
  }

  /** The default of a component that no rule gives a value. */
  private static Object absent(Component component) {
    if (!component.type().isPrimitive()) {
      return null;
    }
    long value = component.spec().orElse();
    return component.is32Bit() ? (Object) (int) value : (Object) value;
  }

  /** What a field's rule makes, or null for an absent field. */
  private static Object value(FieldRule rule, Scope scope) throws RowException {
    Component component = rule.component();
    if (component.kind() == Kind.TEXTS) {
      List<String> texts = new ArrayList<>();
      for (Value value : rule.values()) {
        texts.add(value.in(scope));
      }
      return List.copyOf(texts);
    }
    Value value = rule.values().get(0);
    String text = value.in(scope);
    if (text.isEmpty()) {
      if (component.required()) {
        throw new RowException(
            value.reads(), component.name() + " is required, but empty", "a value");
      }
      return null;
    }
    return switch (component.kind()) {
      case TEXT -> text(value, component, text);
      case INTEGER -> integer(value, component, text);
      case ENUM -> constant(value, component, text);
      default -> throw new IllegalStateException("no rule makes a " + component.kind());
    };
  }

  private static String text(Value value, Component component, String text) throws RowException {
    if (component.pattern() != null && !component.pattern().matcher(text).matches()) {
      throw new RowException(
          value.reads(),
          component.name() + ": '" + RowException.shorten(text) + "'",
          component.pattern().pattern());
    }
    return component.name().endsWith("_id") ? Value.id(value, text) : text;
  }

  private static Object integer(Value value, Component component, String text) throws RowException {
    BigDecimal number = Value.decimal(value, text).stripTrailingZeros();
    long least = component.spec().min();
    long most = component.is32Bit() ? Integer.MAX_VALUE : Long.MAX_VALUE;
    if (number.scale() > 0
        || number.compareTo(BigDecimal.valueOf(least)) < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw new RowException(
          value.reads(),
          component.name() + ": '" + RowException.shorten(text) + "'",
          "a whole number from " + least + " to " + most);
    }
    return component.is32Bit() ? (Object) number.intValueExact() : (Object) number.longValueExact();
  }

  private static Object constant(Value value, Component component, String text)
      throws RowException {
    Object constant = component.constants().get(text);
    if (constant == null) {
      throw new RowException(
          value.reads(),
          component.name() + ": '" + RowException.shorten(text) + "'",
          String.join(", ", new TreeSet<>(component.constants().keySet())));
    }
    return constant;
  }
}
