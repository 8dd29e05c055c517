package io.heed.core.model;

/** Once a second per partition: how far the send gate's state is. */
public record Heartbeat(
    @Field(value = "Partition of the recipients that it reports on.", min = 0) int partition,
    @Field("Event time up to which the state is complete, epoch milliseconds UTC.") long stateTime,
    @Field("Whether verdicts may rely on it.") boolean ready,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field(value = "The running gate that wrote it.", optional = true) String instance,
    @Field(
            value =
                "When that gate started, epoch milliseconds UTC, later than the start of every gate"
                    + " before it: only the newest gives verdicts.",
            optional = true)
        Long started) {}
