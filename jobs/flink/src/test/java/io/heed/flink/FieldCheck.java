package io.heed.flink;

import com.fasterxml.jackson.databind.JsonNode;

/** Plays the situation of one kind of field case and asserts what is expected of it. */
@FunctionalInterface
public interface FieldCheck {
  /**
   * Plays a situation.
   *
   * @param input the situation, as the case states it
   * @param expected what has to come of it
   */
  void check(JsonNode input, String expected) throws Exception;
}
