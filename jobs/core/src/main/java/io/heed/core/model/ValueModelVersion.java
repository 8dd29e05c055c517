package io.heed.core.model;

import java.util.List;

/**
 * One version of what the optimizer has learnt of a list: the part {@code model}, made when a UTC
 * day closes, or the part of one campaign, {@code campaign|} and its id, made while clicks come in.
 */
public record ValueModelVersion(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field("List.") String listId,
    @Field(value = "The part of the list's model: model, or campaign| and its id.", max = 512)
        String part,
    @Field("Hash of what the part contains.") String modelVersion,
    @Field("Instant from which it holds, epoch milliseconds UTC.") long effectiveFrom,
    @Field("Whether enough is known to decide by it.") boolean ready,
    @Field(
            value = "The tables, base64 of their binary form; of the part model.",
            optional = true,
            max = 131_072)
        String tables,
    @Field(value = "Net margin that a click brings, micros.", optional = true)
        Long valuePerClickMicros,
    @Field(value = "Days in which fatigue decays by half.", optional = true) Integer halfLifeDays,
    @Field(
            value = "How much the campaign is clicked against the average, in thousandths.",
            optional = true)
        Integer clickMillis,
    @Field(
            value = "How much the campaign makes people leave, in thousandths of the average.",
            optional = true)
        Integer optOutMillis,
    @Field(
            value = "Of the part model: rates and values by messages borne and fatigue.",
            optional = true,
            items = 100)
        List<ValueFigure> figures,
    @Field(value = "Of the part model: value by messages a month.", optional = true, items = 100)
        List<ValueCurvePoint> curve)
    implements Decision {

  /** A version without figures for people to read. */
  public ValueModelVersion(
      String decisionId,
      long decidedAt,
      long emittedAt,
      List<ReasonCode> reasons,
      long seq,
      String listId,
      String part,
      String modelVersion,
      long effectiveFrom,
      boolean ready,
      String tables,
      Long valuePerClickMicros,
      Integer halfLifeDays,
      Integer clickMillis,
      Integer optOutMillis) {
    this(
        decisionId,
        decidedAt,
        emittedAt,
        reasons,
        seq,
        listId,
        part,
        modelVersion,
        effectiveFrom,
        ready,
        tables,
        valuePerClickMicros,
        halfLifeDays,
        clickMillis,
        optOutMillis,
        null,
        null);
  }

  /** The part that holds the list's tables. */
  public static final String MODEL = "model";

  /** What the part of a campaign begins with. */
  public static final String CAMPAIGN = "campaign|";

  /** A version's name: 64 bits of its hash. */
  public static String name(String hash) {
    return hash.substring(0, 16);
  }

  @Override
  public String key() {
    return listId + "|" + part;
  }
}
