package io.heed.core.statistics;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Runs a parameterised test once per case of a file in {@code src/test/resources/statistics}. The
 * numbers of cases are stated, so that none can get lost.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ArgumentsSource(ReferenceCases.class)
@interface Reference {
  /** The file's name without its ending. */
  String file();

  /** How many of its cases the test must see. */
  int cases();

  /** An input, {@code name=value}, that selects the cases; empty for all. */
  String where() default "";
}
