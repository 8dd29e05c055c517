package io.heed.flink.streaming;

import io.heed.core.model.Event;
import io.heed.core.model.RecordShape;
import io.heed.core.model.RecordShape.Component;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/**
 * Events on their way from one operator to the next: a byte for the type, then the fields in order,
 * from the same {@link RecordShape}s that the JSON codec uses. Not for state, since it knows no
 * versions.
 */
public final class EventSerializer extends CompactSerializer<Event> {
  private static final long serialVersionUID = 1L;

  private static final Plan[] PLANS;
  private static final Map<Class<?>, Plan> BY_TYPE = new HashMap<>();

  static {
    Class<?>[] types = Event.class.getPermittedSubclasses();
    PLANS = new Plan[types.length];
    for (int i = 0; i < types.length; i++) {
      PLANS[i] = new Plan(i, RecordShape.of(types[i]));
      BY_TYPE.put(types[i], PLANS[i]);
    }
  }

  @Override
  public void serialize(Event event, DataOutputView target) throws IOException {
    Plan plan = BY_TYPE.get(event.getClass());
    target.writeByte(plan.index);
    for (Component component : plan.components) {
      write(component, component.getter().apply(event), target);
    }
  }

  @Override
  public Event deserialize(DataInputView source) throws IOException {
    Plan plan = PLANS[source.readByte()];
    Object[] values = new Object[plan.components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = read(plan.components[i], plan.constants[i], source);
    }
    return (Event) plan.shape.build(values);
  }

  private static void write(Component component, Object value, DataOutputView target)
      throws IOException {
    switch (component.kind()) {
      case TEXT -> StringValue.writeString((String) value, target);
      case ENUM -> target.writeByte(((Enum<?>) value).ordinal());
      case INTEGER -> {
        if (!component.type().isPrimitive()) {
          target.writeBoolean(value != null);
        }
        if (value != null) {
          target.writeLong(((Number) value).longValue());
        }
      }
      case TEXTS -> {
        List<?> texts = value == null ? List.of() : (List<?>) value;
        target.writeShort(texts.size());
        for (Object text : texts) {
          StringValue.writeString((String) text, target);
        }
      }
      default -> throw new IllegalStateException("events have no " + component.kind());
    }
  }

  private static Object read(Component component, Object[] constants, DataInputView source)
      throws IOException {
    return switch (component.kind()) {
      case TEXT -> StringValue.readString(source);
      case ENUM -> constants[source.readByte()];
      case INTEGER -> {
        if (!component.type().isPrimitive() && !source.readBoolean()) {
          yield null;
        }
        long value = source.readLong();
        yield component.is32Bit() ? (Object) (int) value : (Object) value;
      }
      case TEXTS -> {
        int size = source.readUnsignedShort();
        List<String> texts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
          texts.add(StringValue.readString(source));
        }
        yield size == 0 ? null : List.copyOf(texts);
      }
      default -> throw new IllegalStateException("events have no " + component.kind());
    };
  }

  /** One event type, ready for the loops. */
  private static final class Plan {
    final int index;
    final RecordShape<?> shape;
    final Component[] components;
    final Object[][] constants;

    Plan(int index, RecordShape<?> shape) {
      this.index = index;
      this.shape = shape;
      this.components = shape.components().toArray(Component[]::new);
      this.constants = new Object[components.length][];
      for (int i = 0; i < components.length; i++) {
        constants[i] = components[i].type().getEnumConstants();
      }
    }
  }
}
