package io.heed.core.outcomes;

import io.heed.core.codec.BinaryWriter;
import io.heed.core.codec.Hash64;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.optimizer.ValueModel;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Makes the records that publish value models. */
public final class ModelPublisher {
  /** Share of revenue that is net margin, where no policy names another. */
  public static final double MARGIN = 0.30;

  private static final long DAY = Duration.ofDays(1).toMillis();

  private ModelPublisher() {}

  /**
   * From when the model of a day holds, epoch milliseconds.
   *
   * @param effectiveDay first day on which it may decide, the one after the day that closed
   * @param latenessMillis of the job's watermarks
   */
  public static long effectiveFrom(int effectiveDay, long latenessMillis) {
    return effectiveDay * DAY + 2 * latenessMillis;
  }

  /**
   * The version of the day that a ledger closed last. It holds from so long after the day's end
   * that it has been published by then: the watermark stays behind by the lateness.
   *
   * @param latenessMillis of the job's watermarks
   * @param wallMillis the wall clock, epoch milliseconds
   */
  public static ValueModelVersion version(
      String list, ListLedger ledger, long latenessMillis, long wallMillis) {
    ValueModel model = ledger.model();
    BinaryWriter out = new BinaryWriter();
    model.write(out);
    long dayEnd = (ledger.closedDay() + 1L) * DAY;
    String version = ValueModelVersion.name(model.version());
    return new ValueModelVersion(
        Hash64.id("value-model", list, version, dayEnd),
        dayEnd,
        wallMillis,
        List.of(),
        ledger.nextSeq(wallMillis),
        list,
        ValueModelVersion.MODEL,
        version,
        effectiveFrom(ledger.closedDay() + 1, latenessMillis),
        model.ready(),
        Base64.getEncoder().encodeToString(out.toByteArray()),
        Math.round(model.valuePerClickMicros()),
        model.halfLife().days(),
        null,
        null,
        ModelFigures.figures(model),
        ModelFigures.curve(model));
  }
}
