package io.heed.core.model;

/** One version of one configuration document, as {@code heed apply} publishes it. */
public record ConfigVersion(
    @Field("Kind of the document: experiment, policy, ...") String kind,
    @Field("Id of the document within its kind.") String id,
    @Field("SHA-256 of effective_from and document, hex.") String configHash,
    @Field("Instant in event time from which it holds, epoch milliseconds UTC.") long effectiveFrom,
    @Field(
            "Instant of publication, epoch milliseconds UTC; of two versions from one instant the later one holds.")
        long publishedAt,
    @Field("The document itself, YAML.") String document) {

  /** The record's key on its topic. */
  public String key() {
    return kind + "|" + id + "|" + configHash;
  }
}
