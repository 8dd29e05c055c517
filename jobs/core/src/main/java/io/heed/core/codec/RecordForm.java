package io.heed.core.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The binary form of a record, or of a sealed interface of records: its components in their order.
 * They may be texts, numbers, truth values, constants, lists, maps and records again; all that are
 * no primitives may be null. For what travels between operators only: it knows no versions, so that
 * another component makes another form.
 *
 * @param <T> the type
 */
public final class RecordForm<T> {
  private static final Map<Class<?>, Part> RECORDS = new ConcurrentHashMap<>();

  /** How a value of one type is written and read. */
  private interface Part {
    void write(Object value, BinaryWriter out);

    Object read(BinaryReader in) throws BinaryException;
  }

  private final Class<T> type;
  private final Part part;

  public RecordForm(Class<T> type) {
    this.type = type;
    this.part = part(type);
  }

  /** Writes a value or null. */
  public void write(T value, BinaryWriter out) {
    part.write(value, out);
  }

  /** Reads what {@link #write} wrote. */
  public T read(BinaryReader in) throws BinaryException {
    return type.cast(part.read(in));
  }

  private static Part part(Type type) {
    if (type instanceof ParameterizedType of) {
      Type[] arguments = of.getActualTypeArguments();
      return of.getRawType() == Map.class
          ? new Entries(part(arguments[0]), part(arguments[1]))
          : new Elements(part(arguments[0]));
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isEnum()) {
      return new Constant(raw.getEnumConstants());
    }
    if (raw.isSealed()) {
      return new OneOf(raw.getPermittedSubclasses());
    }
    if (raw.isRecord()) {
      // Not computeIfAbsent: records nest.
      Part known = RECORDS.get(raw);
      if (known == null) {
        known = new Fields(raw);
        RECORDS.put(raw, known);
      }
      return known;
    }
    return switch (raw.getSimpleName()) {
      case "String" -> new Text();
      case "boolean" -> new Truth();
      case "int" -> new Int();
      case "long" -> new Long64();
      case "Integer" -> new Nullable(new Int());
      case "Long" -> new Nullable(new Long64());
      case "Double" -> new Nullable(new Fraction());
      case "double" -> new Fraction();
      default -> throw new IllegalStateException("no binary form of " + type);
    };
  }

  private record Text() implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeNullableText((String) value);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readNullableText();
    }
  }

  private record Truth() implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeBoolean((boolean) value);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readBoolean();
    }
  }

  private record Int() implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeSigned((int) value);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readSignedInt();
    }
  }

  private record Long64() implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeSigned((long) value);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readSigned();
    }
  }

  private record Fraction() implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeDouble((double) value);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readDouble();
    }
  }

  private record Nullable(Part part) implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeBoolean(value != null);
      if (value != null) {
        part.write(value, out);
      }
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readBoolean() ? part.read(in) : null;
    }
  }

  /** The number of a constant from 1, 0 for null. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Constant(Object[] constants) implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeByte(value == null ? 0 : ((Enum<?>) value).ordinal() + 1);
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      int number = in.readByte();
      return number == 0 ? null : BinaryReader.constant(constants, number - 1);
    }
  }

  /** How many there are and one more, 0 for null. */
  private record Elements(Part element) implements Part {
    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeUnsigned(value == null ? 0 : ((List<?>) value).size() + 1L);
      if (value != null) {
        for (Object each : (List<?>) value) {
          element.write(each, out);
        }
      }
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      int size = in.readIndex(in.remaining() + 1) - 1;
      if (size <= 0) {
        return size < 0 ? null : List.of();
      }
      List<Object> values = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        values.add(element.read(in));
      }
      return values;
    }
  }

  /** As a list of keys and values. */
  private record Entries(Part key, Part value) implements Part {
    @Override
    public void write(Object map, BinaryWriter out) {
      out.writeUnsigned(map == null ? 0 : ((Map<?, ?>) map).size() + 1L);
      if (map != null) {
        ((Map<?, ?>) map)
            .forEach(
                (each, of) -> {
                  key.write(each, out);
                  value.write(of, out);
                });
      }
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      int size = in.readIndex(in.remaining() + 1) - 1;
      Map<Object, Object> map = size < 0 ? null : new LinkedHashMap<>();
      for (int i = 0; i < size; i++) {
        map.put(key.read(in), value.read(in));
      }
      return map;
    }
  }

  /** The number of the type from 1, 0 for null. */
  private static final class OneOf implements Part {
    private final Fields[] parts;
    private final Map<Class<?>, Integer> numbers = new ConcurrentHashMap<>();

    OneOf(Class<?>[] types) {
      parts = new Fields[types.length];
      for (int i = 0; i < types.length; i++) {
        parts[i] = new Fields(types[i]);
        numbers.put(types[i], i + 1);
      }
    }

    @Override
    public void write(Object value, BinaryWriter out) {
      int number = value == null ? 0 : numbers.get(value.getClass());
      out.writeByte(number);
      if (number > 0) {
        parts[number - 1].writeFields(value, out);
      }
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      int number = in.readByte();
      return number == 0 ? null : BinaryReader.constant(parts, number - 1).readFields(in);
    }
  }

  /** Whether there is a record, then its components. */
  private static final class Fields implements Part {
    private final RecordAccess<?> access;
    private final Part[] parts;
    private final Function<Object, Object>[] getters;

    @SuppressWarnings("unchecked")
    Fields(Class<?> type) {
      access = new RecordAccess<>(type);
      parts =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getGenericType)
              .map(RecordForm::part)
              .toArray(Part[]::new);
      getters = access.getters().toArray(Function[]::new);
    }

    @Override
    public void write(Object value, BinaryWriter out) {
      out.writeBoolean(value != null);
      if (value != null) {
        writeFields(value, out);
      }
    }

    void writeFields(Object value, BinaryWriter out) {
      for (int i = 0; i < parts.length; i++) {
        parts[i].write(getters[i].apply(value), out);
      }
    }

    @Override
    public Object read(BinaryReader in) throws BinaryException {
      return in.readBoolean() ? readFields(in) : null;
    }

    Object readFields(BinaryReader in) throws BinaryException {
      Object[] values = new Object[parts.length];
      for (int i = 0; i < parts.length; i++) {
        values[i] = parts[i].read(in);
      }
      try {
        return access.build(values);
      } catch (RuntimeException e) {
        throw new BinaryException("no such record: " + e.getMessage(), e);
      }
    }
  }
}
