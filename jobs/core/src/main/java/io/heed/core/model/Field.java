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
  /** Characters of ids, scopes, codes and names. */
  int TEXT = 256;

  /** Characters of texts that people or machines wrote: bodies, addresses, evidence. */
  int LONG_TEXT = 4_096;

  /** Characters of what several ids are put together to. */
  int JOINED_IDS = 1_024;

  /** An amount of money in micros: a thousand million of the currency's units. */
  long MICROS = 1_000_000_000_000_000L;

  /** 2^53 - 1: up to here every reader of JSON reads integers exactly (RFC 8259, section 6). */
  long SAFE_INTEGER = (1L << 53) - 1;

  /** One sentence for readers of the schema, with the unit. */
  String value();

  /** The JSON name, where snake_case of the component's name is not it (Java keywords). */
  String name() default "";

  /** May be absent or null; the component is then null, or {@link #orElse} where that is given. */
  boolean optional() default false;

  /** The value of an absent optional number. */
  long orElse() default 0;

  /** The smallest allowed number; if not given, {@link #SAFE_INTEGER} with a minus. */
  long min() default Long.MIN_VALUE;

  /**
   * The bound, so that nothing is unbounded: the most characters (code points) of a text, or of
   * each text in a list or free object; the largest number. If not given, {@link #TEXT}, or {@link
   * #SAFE_INTEGER}.
   */
  long max() default 0;

  /** The most elements of a list or object; of a free object, at any depth. */
  int items() default 50;

  /** A regular expression that the whole text must match. */
  String pattern() default "";

  /** May be an empty string (keys such as a list's total, whose campaign is empty). */
  boolean mayBeEmpty() default false;
}
