package io.heed.flink.warehouse;

import io.heed.core.model.Decision;
import io.heed.flink.streaming.Input;
import java.nio.charset.StandardCharsets;

/**
 * A record on its way into its table, with what the table wants to know of its place in Kafka.
 *
 * @param content the record
 * @param topic name of its topic in this deployment
 * @param partition of the topic
 * @param offset in the partition
 * @param appendTime when Kafka took it, epoch milliseconds UTC
 * @param late whether it lies further back in event time than the horizon
 * @param json the record as it came, for decisions; else null, since rows wait in memory
 */
record Row(
    Object content,
    String topic,
    int partition,
    long offset,
    long appendTime,
    boolean late,
    String json) {

  private static final long LAST_POSITION = (1L << 62) - 1;
  private static final int OFFSET_BITS = 46;

  static Row of(Input input, String topic) {
    return new Row(
        input.content(),
        topic,
        input.partition(),
        input.offset(),
        input.appendTime(),
        input.late(),
        input.content() instanceof Decision
            ? new String(input.value(), StandardCharsets.UTF_8)
            : null);
  }

  /** What else was read out of the same record, for a table of its own. */
  Row with(Object derived) {
    return new Row(derived, topic, partition, offset, appendTime, late, null);
  }

  /**
   * Which of several records of one fact holds: the largest. The first in Kafka wins, as it does in
   * the jobs; that does not depend on when, how often and by whom records were read. One record
   * that was read twice, and taken for late only once, stays late.
   */
  long precedence() {
    long position = ((long) partition << OFFSET_BITS) | offset;
    return (LAST_POSITION - position) << 1 | (late ? 1 : 0);
  }
}
