package io.heed.core.attribution;

import io.heed.core.model.AttributionCreditRow;
import java.math.BigDecimal;
import java.util.function.Consumer;

/**
 * Rows of one conversion under one model. A touch without credit has no row. A row that is not true
 * any more is written once more with credit 0: that version means that there is no such row. So is
 * one whose conversion moves in time, since the warehouse keeps rows by the conversion's hour.
 */
final class CreditRows {
  private static final int SCALE = 12;

  private CreditRows() {}

  /**
   * Hands out the rows by which two states of one conversion differ.
   *
   * @param before what was written; null for nothing
   * @param sharesBefore its shares
   * @param after what holds now; null for nothing
   */
  static void changed(
      Model model,
      String recipientId,
      Attributed before,
      long[] sharesBefore,
      Attributed after,
      long[] sharesAfter,
      long seq,
      Consumer<AttributionCreditRow> out) {
    AttributionCreditRow[] old = rows(model, recipientId, before, sharesBefore, seq);
    AttributionCreditRow[] rows = rows(model, recipientId, after, sharesAfter, seq);
    for (int i = 0; i < Math.max(old.length, rows.length); i++) {
      AttributionCreditRow was = i < old.length ? old[i] : null;
      AttributionCreditRow is = i < rows.length ? rows[i] : null;
      if (was != null && (is == null || is.conversionTime() != was.conversionTime())) {
        out.accept(withdrawn(was));
      }
      if (is != null && !is.equals(was)) {
        out.accept(is);
      }
    }
  }

  private static AttributionCreditRow[] rows(
      Model model, String recipientId, Attributed attributed, long[] shares, long seq) {
    if (attributed == null) {
      return new AttributionCreditRow[0];
    }
    Converted conversion = attributed.conversion();
    if (attributed.path().isEmpty()) {
      PathTouch none = new PathTouch(PathTouch.NONE, null, null, null, 0);
      return new AttributionCreditRow[] {
        row(model, recipientId, conversion, 0, none, Shares.ONE, conversion.netMicros(), seq)
      };
    }
    long[] micros = Shares.divide(conversion.netMicros(), shares);
    AttributionCreditRow[] rows = new AttributionCreditRow[shares.length];
    for (int i = 0; i < rows.length; i++) {
      if (shares[i] > 0) {
        PathTouch touch = attributed.path().get(i);
        rows[i] = row(model, recipientId, conversion, i, touch, shares[i], micros[i], seq);
      }
    }
    return rows;
  }

  private static AttributionCreditRow row(
      Model model,
      String recipientId,
      Converted conversion,
      int index,
      PathTouch touch,
      long share,
      long micros,
      long seq) {
    return new AttributionCreditRow(
        AttributionCreditRow.TABLE,
        seq,
        model.text(),
        conversion.id(),
        conversion.kind(),
        recipientId,
        index,
        touch.channel(),
        touch.campaignId(),
        touch.variantId(),
        touch.time() == 0 ? null : touch.time(),
        conversion.time(),
        BigDecimal.valueOf(share, SCALE),
        micros);
  }

  private static AttributionCreditRow withdrawn(AttributionCreditRow row) {
    return new AttributionCreditRow(
        row.table(),
        row.seq(),
        row.model(),
        row.conversionId(),
        row.kind(),
        row.recipientId(),
        row.touchIndex(),
        PathTouch.NONE,
        null,
        null,
        null,
        row.conversionTime(),
        BigDecimal.valueOf(0, SCALE),
        0);
  }
}
