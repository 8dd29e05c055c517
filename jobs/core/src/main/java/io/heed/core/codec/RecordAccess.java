package io.heed.core.codec;

import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Takes the records of a type apart and builds them, about as fast as direct calls do.
 *
 * @param <T> the type
 */
public final class RecordAccess<T> {
  private final Class<T> type;
  private final List<Function<Object, Object>> getters = new ArrayList<>();
  private final MethodHandle constructor;

  public RecordAccess(Class<T> type) {
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    try {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      constructor =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, types))
              .asSpreader(Object[].class, components.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
      for (RecordComponent component : components) {
        getters.add(getter(lookup, component));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot look into " + type, e);
    }
  }

  /** What takes the boxed value of each component from a record, in their order. */
  public List<Function<Object, Object>> getters() {
    return getters;
  }

  /**
   * Builds a record of the values of its components.
   *
   * @throws RuntimeException what its constructor refuses them with
   */
  public T build(Object[] values) {
    try {
      return type.cast((Object) constructor.invokeExact(values));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot build " + type, e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Function<Object, Object> getter(
      MethodHandles.Lookup lookup, RecordComponent component) {
    try {
      MethodHandle accessor = lookup.unreflect(component.getAccessor());
      Class<?> boxed = MethodType.methodType(component.getType()).wrap().returnType();
      return (Function<Object, Object>)
          LambdaMetafactory.metafactory(
                  lookup,
                  "apply",
                  MethodType.methodType(Function.class),
                  MethodType.methodType(Object.class, Object.class),
                  accessor,
                  MethodType.methodType(boxed, component.getDeclaringRecord()))
              .getTarget()
              .invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
