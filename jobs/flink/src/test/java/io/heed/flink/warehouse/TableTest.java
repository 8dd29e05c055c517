package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Category;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.model.SendRequest;
import io.heed.core.model.TimeMark;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
  private static final long NOW = 1_750_000_000_000L;

  @Test
  void everyEventTypeHasATableAndTimeMarksAndErasuresHaveNone() {
    for (Class<?> type : Event.class.getPermittedSubclasses()) {
      if (type != Erasure.class) {
        assertThat(Table.ALL.get("events").values(columns("events"))).containsKey(type);
      }
    }
    assertThat(Table.of(new TimeMark(NOW))).isNull();
    assertThat(Table.of(new Erasure("e", NOW, "r", "h", null))).isNull();
  }

  @Test
  void givesValuesInTheOrderOfTheColumnsAndFillsWhatARecordLacks() {
    Map<String, Object> row = row("events", new Reply("e", NOW, "r", null, "STOP"));
    assertThat(row)
        .containsEntry("event_type", "reply")
        .containsEntry("event_id", "e")
        .containsEntry("event_time", Instant.ofEpochMilli(NOW))
        .containsEntry("message_id", "")
        .containsEntry("campaign_id", "")
        .containsEntry("epoch", null)
        .containsEntry("cost_micros", 0)
        .containsEntry("tags", List.of())
        .containsEntry("late", 0)
        .containsEntry("reply_intent", "OPT_OUT");
  }

  @Test
  void aReplyThatRevokesHasTheMethodByWhichItWasRecognised() {
    assertThat(row("events", new Reply("e", NOW, "r", null, "STOP")))
        .containsEntry("method", "KEYWORD");
    assertThat(row("events", new Reply("e", NOW, "r", null, "leave me alone, no more texts")))
        .containsEntry("reply_intent", "OPT_OUT")
        .containsEntry("method", "FUZZY");
    assertThat(row("events", new Reply("e", NOW, "r", null, "thanks, great")))
        .containsEntry("method", "")
        .containsEntry("scope", "");
  }

  @Test
  void aReplyThatStopsEveryListHasTheScopeOfAll() {
    assertThat(row("events", new Reply("e", NOW, "r", "m", "STOP"))).containsEntry("scope", "");
    assertThat(row("events", new Reply("e", NOW, "r", "m", "Wrong number")))
        .containsEntry("reply_intent", "WRONG_NUMBER")
        .containsEntry("method", "WRONG_NUMBER")
        .containsEntry("scope", "*");
    long all = Instant.parse("2027-01-31T00:00:00Z").toEpochMilli();
    assertThat(row("events", new Reply("e", all, "r", "m", "STOP"))).containsEntry("scope", "*");
    assertThat(row("events", new Reply("e", all - 1, "r", "m", "STOP"))).containsEntry("scope", "");
  }

  @Test
  void refusesATableWhoseColumnsAreNotThoseOfTheRecords() {
    List<String> columns = columns("send_cohort");
    columns.remove("sends");
    columns.add("more");
    assertThatThrownBy(() -> Table.ALL.get("send_cohort").values(columns))
        .hasMessageContaining("send_cohort")
        .hasMessageContaining("missing columns [sends]")
        .hasMessageContaining("unknown columns [more]");
  }

  @Test
  void bringsIntoRangeWhatTheCodecLetsThrough() {
    SendRequest request =
        new SendRequest(
            "e",
            NOW,
            "r",
            "q",
            "c",
            "l",
            Category.PROMOTIONAL,
            null,
            null,
            Long.MAX_VALUE,
            null,
            null,
            null);
    assertThat(row("events", request))
        .containsEntry("expires_at", Instant.parse("2299-12-31T23:59:59Z"));
    assertThat(credit("1e30")).isEqualTo(new BigDecimal("999999.999999999999"));
    assertThat(credit("-1e30")).isEqualTo(new BigDecimal("-999999.999999999999"));
    assertThat(credit("0.1234567890125")).isEqualTo(new BigDecimal("0.123456789012"));
  }

  @Property
  void theFirstInKafkaHoldsAndWhatWasOnceLateStaysLate(
      @ForAll @IntRange(max = 65_535) int partition,
      @ForAll @LongRange(min = 0, max = (1L << 46) - 2) long offset) {
    long precedence = precedence(partition, offset, false);
    assertThat(precedence).isNotNegative();
    assertThat(precedence(partition, offset, true)).isEqualTo(precedence + 1);
    assertThat(precedence(partition, offset + 1, true)).isLessThan(precedence);
    if (partition > 0) {
      assertThat(precedence(partition - 1, offset, false)).isGreaterThan(precedence + 1);
    }
  }

  private static long precedence(int partition, long offset, boolean late) {
    return new Row(null, "sms.reply", partition, offset, NOW, late, null).precedence();
  }

  /** Written out, these have more digits than a heap holds. */
  @ParameterizedTest
  @Timeout(20)
  @CsvSource({
    "1e999999999, 999999.999999999999",
    "-1e999999999, -999999.999999999999",
    "1e-999999999, 0",
    "0e999999999, 0",
    "0e-999999999, 0",
    "999999.9999999999996, 999999.999999999999",
    "1000000, 999999.999999999999"
  })
  void aCreditOutOfAllProportionIsARowLikeAnother(String written, BigDecimal stored) {
    assertThat((BigDecimal) credit(written)).isEqualByComparingTo(stored);
  }

  private static Object credit(String value) {
    AttributionCreditRow row =
        new AttributionCreditRow(
            AttributionCreditRow.TABLE,
            1,
            "linear",
            "c",
            ConversionKind.PURCHASE,
            "r",
            0,
            "sms",
            null,
            null,
            null,
            NOW,
            new BigDecimal(value),
            0);
    return row("attribution_credit", row).get("credit");
  }

  private static Map<String, Object> row(String table, Object content) {
    List<String> columns = columns(table);
    Collections.reverse(columns);
    Function<Row, Object>[] values = Table.ALL.get(table).values(columns).get(content.getClass());
    Row row = new Row(content, "sms.reply", 1, 2, NOW, false, null);
    Map<String, Object> result = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      result.put(columns.get(i), values[i].apply(row));
    }
    return result;
  }

  private static List<String> columns(String table) {
    return new ArrayList<>(Table.ALL.get(table).columnTypes().keySet());
  }
}
