package io.heed.core.model;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.heed.core.codec.RecordAccess;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The shape of a record type: its components as named, typed, constrained fields, and the way to
 * build and to take apart an instance. Derived once per type from the components and their {@link
 * Field} annotations.
 *
 * @param <T> the record type
 */
public final class RecordShape<T> {
  private static final Map<Class<?>, RecordShape<?>> SHAPES = new ConcurrentHashMap<>();

  /** Types that a component can have. */
  public enum Kind {
    TEXT,
    INTEGER,
    BOOLEAN,
    DOUBLE,
    DECIMAL,
    ENUM,
    TEXTS,
    ENUMS,
    RECORD,
    RECORDS,
    SHARES,
    FREE
  }

  /**
   * One field of a record.
   *
   * @param name JSON name, snake_case
   * @param encodedName the same, encoded once
   * @param kind how it is read and written
   * @param type the Java type of the component; for lists, of the elements
   * @param is32Bit whether an INTEGER is limited to 32 bits
   * @param spec constraints and documentation
   * @param pattern the text's pattern, or null
   * @param constants the constants of an enum by name
   * @param getter takes the boxed value from a record
   */
  public record Component(
      String name,
      SerializableString encodedName,
      Kind kind,
      Class<?> type,
      boolean is32Bit,
      Field spec,
      Pattern pattern,
      Map<String, Object> constants,
      Function<Object, Object> getter) {

    public boolean required() {
      return !spec.optional();
    }

    /** The most characters of a text, or of each text within. */
    public int maxCharacters() {
      return spec.max() == 0 ? Field.TEXT : (int) spec.max();
    }

    /** The smallest allowed number. */
    public long least() {
      long least = is32Bit ? Integer.MIN_VALUE : -Field.SAFE_INTEGER;
      return Math.max(least, spec.min());
    }

    /** The largest allowed number. */
    public long most() {
      if (spec.max() != 0) {
        return spec.max();
      }
      return is32Bit ? Integer.MAX_VALUE : Field.SAFE_INTEGER;
    }

    /** Whether it is an instant: an INTEGER whose documented unit is epoch milliseconds. */
    public boolean isInstant() {
      return kind == Kind.INTEGER && spec.value().contains("epoch milliseconds");
    }

    /** The value of an absent field: null, or the default of a primitive. */
    Object absent() {
      if (!type.isPrimitive() || kind != Kind.INTEGER) {
        return null;
      }
      return is32Bit ? (Object) (int) spec.orElse() : (Object) spec.orElse();
    }
  }

  private final Class<T> type;
  private final List<Component> components;
  private final Map<String, Integer> indexByName = new HashMap<>();
  private final RecordAccess<T> access;

  private RecordShape(Class<T> type) {
    this.type = type;
    this.access = new RecordAccess<>(type);
    RecordComponent[] parts = type.getRecordComponents();
    Component[] built = new Component[parts.length];
    for (int i = 0; i < parts.length; i++) {
      built[i] = component(parts[i], access.getters().get(i));
      indexByName.put(built[i].name(), i);
    }
    this.components = List.of(built);
  }

  /**
   * The shape of {@code type}, which must be a record all of whose components have a {@link Field}.
   */
  @SuppressWarnings("unchecked")
  public static <T> RecordShape<T> of(Class<T> type) {
    RecordShape<?> shape = SHAPES.get(type);
    if (shape == null) {
      // Not computeIfAbsent: shapes nest.
      shape = new RecordShape<>(type);
      SHAPES.put(type, shape);
    }
    return (RecordShape<T>) shape;
  }

  public Class<T> type() {
    return type;
  }

  /** The fields in the order of the record's components. */
  public List<Component> components() {
    return components;
  }

  /** Index of the field of that JSON name, or -1. */
  public int indexOf(String name) {
    return indexByName.getOrDefault(name, -1);
  }

  /** Builds a record of values in the order of {@link #components()}. */
  public T build(Object[] values) {
    return access.build(values);
  }

  /** The same record with another value in one field. */
  public static <R> R with(R record, String name, Object value) {
    @SuppressWarnings("unchecked")
    RecordShape<R> shape = of((Class<R>) record.getClass());
    Object[] values = new Object[shape.components.size()];
    for (int i = 0; i < values.length; i++) {
      Component each = shape.components.get(i);
      values[i] = each.name().equals(name) ? value : each.getter().apply(record);
    }
    return shape.build(values);
  }

  private static Component component(RecordComponent part, Function<Object, Object> getter) {
    Field spec = part.getAnnotation(Field.class);
    if (spec == null) {
      throw new IllegalStateException(part + " of " + part.getDeclaringRecord() + " has no @Field");
    }
    Kind kind = kind(part.getGenericType());
    Class<?> type = kind == Kind.ENUMS || kind == Kind.RECORDS ? element(part) : part.getType();
    Map<String, Object> constants = new HashMap<>();
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        constants.put(((Enum<?>) constant).name(), constant);
      }
    }
    String name = spec.name().isEmpty() ? snakeCase(part.getName()) : spec.name();
    boolean is32Bit = type == int.class || type == Integer.class;
    Pattern pattern = spec.pattern().isEmpty() ? null : Pattern.compile(spec.pattern());
    return new Component(
        name,
        new SerializedString(name),
        kind,
        type,
        is32Bit,
        spec,
        pattern,
        Map.copyOf(constants),
        getter);
  }

  private static Kind kind(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      Type[] arguments = parameterized.getActualTypeArguments();
      if (parameterized.getRawType() == Map.class) {
        return arguments[1] == Double.class ? Kind.SHARES : Kind.FREE;
      }
      Class<?> element = (Class<?>) arguments[0];
      return element == String.class ? Kind.TEXTS : element.isEnum() ? Kind.ENUMS : Kind.RECORDS;
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isEnum()) {
      return Kind.ENUM;
    }
    return switch (raw.getSimpleName()) {
      case "String" -> Kind.TEXT;
      case "long", "Long", "int", "Integer" -> Kind.INTEGER;
      case "boolean" -> Kind.BOOLEAN;
      case "double", "Double" -> Kind.DOUBLE;
      case "BigDecimal" -> Kind.DECIMAL;
      default -> {
        if (raw.isRecord()) {
          yield Kind.RECORD;
        }
        throw new IllegalStateException("no kind of field for " + type);
      }
    };
  }

  private static Class<?> element(RecordComponent part) {
    return (Class<?>) ((ParameterizedType) part.getGenericType()).getActualTypeArguments()[0];
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("(?<=.)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** Scale of decimals on the wire and in the tables. */
  static BigDecimal decimal(BigDecimal value) {
    return value.setScale(12);
  }
}
