package io.heed.flink.sendgate;

import io.heed.flink.streaming.CompactTypeInfo;

/**
 * How complete one partition's recipients are at one subtask of the gate.
 *
 * @param subtask number of the subtask
 * @param subtasks how many there are
 * @param partition number of the partition
 * @param stateTime instant up to which everything is known, epoch milliseconds
 * @param instance of the running gate
 * @param started when it started, as it has claimed, epoch milliseconds
 * @param ready whether verdicts may rely on it
 */
record Readiness(
    int subtask,
    int subtasks,
    int partition,
    long stateTime,
    String instance,
    long started,
    boolean ready) {
  static final CompactTypeInfo<Readiness> TYPE = CompactTypeInfo.ofRecords(Readiness.class);
}
