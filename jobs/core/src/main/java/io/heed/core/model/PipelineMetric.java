package io.heed.core.model;

/** One figure of the running jobs, for the dashboards. */
public record PipelineMetric(
    @Field("Job.") String job,
    @Field("What was measured, with its unit, such as lag_records.") String metric,
    @Field(
            value = "What it was measured at, such as a task; empty for the whole job.",
            mayBeEmpty = true,
            max = Field.JOINED_IDS)
        String subject,
    @Field("Instant of the measurement, epoch milliseconds UTC.") long time,
    @Field("Measured value.") double value) {}
