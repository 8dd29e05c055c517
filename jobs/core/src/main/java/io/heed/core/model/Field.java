package io.heed.core.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a record component means on the wire. The components of the model's records are the single
 * source of truth: the JSON codec, the JSON Schemas and the warehouse's columns are all derived
 * from them. A component is required and non-empty unless it says otherwise; its JSON name is the
 * component's name in snake_case.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Field {
  /** One sentence for readers of the schema, with the unit. */
  String value();

  /** The JSON name, where snake_case of the component's name is not it (Java keywords). */
  String name() default "";

  /** May be absent or null; the component is then null, or {@link #orElse} where that is given. */
  boolean optional() default false;

  /** The value of an absent optional number. */
  long orElse() default 0;

  /** The smallest allowed number. */
  long min() default Long.MIN_VALUE;

  /** A regular expression that the whole text must match. */
  String pattern() default "";

  /** May be an empty string (keys such as a list's total, whose campaign is empty). */
  boolean mayBeEmpty() default false;
}
