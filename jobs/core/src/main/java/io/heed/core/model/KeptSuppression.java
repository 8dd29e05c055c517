package io.heed.core.model;

/** A suppression that outlives the erasure of the person. */
public record KeptSuppression(
    @Field("A list id, or * for all.") String scope,
    @Field(value = "How it came about, such as KEYWORD.", optional = true) String method,
    @Field("Instant since which it holds, epoch milliseconds UTC.") long since) {}
