package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.ConversionKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CreditRowsTest {
  private static final long[] ALL = {Shares.ONE};

  @Test
  void aConversionThatMovesInTimeWithdrawsItsRowAtTheOldTime() {
    List<AttributionCreditRow> rows = new ArrayList<>();
    CreditRows.changed(Model.LINEAR, "r1", at(5_000), ALL, at(2_000), ALL, 7, rows::add);

    assertThat(rows)
        .extracting(AttributionCreditRow::conversionTime, row -> row.credit().signum())
        .containsExactly(tuple(5_000L, 0), tuple(2_000L, 1));
    assertThat(rows).extracting(AttributionCreditRow::key).containsOnly(rows.get(0).key());
  }

  @Test
  void whatStaysAsItWasIsNotWrittenAgain() {
    List<AttributionCreditRow> rows = new ArrayList<>();
    CreditRows.changed(Model.LINEAR, "r1", at(5_000), ALL, at(5_000), ALL, 7, rows::add);
    assertThat(rows).isEmpty();
  }

  private static Attributed at(long time) {
    Converted conversion = new Converted("o1", ConversionKind.PURCHASE, time, 100, null, 0);
    return new Attributed(
        conversion, time, List.of(new PathTouch(PathTouch.SMS, "c1", null, null, 1_000)));
  }
}
