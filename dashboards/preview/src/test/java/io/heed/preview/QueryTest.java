package io.heed.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heed.preview.Query.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class QueryTest {
  private static final TimeRange RANGE =
      new TimeRange(Instant.ofEpochSecond(1_000_000), Instant.ofEpochSecond(2_000_000));

  private final Query query =
      query(
          Map.of(
              "list", new Values(List.of("a", "b'c"), List.of("a", "b'c", "d"), Set.of()),
              "every", new Values(List.of(Query.ALL), List.of("a", "d"), Set.of()),
              "model", new Values(List.of("linear"), List.of("linear"), Set.of("linear"))));

  @Test
  void macrosAreWhatTheDataSourceMakesOfThem() {
    assertThat(query.expand("$__timeFilter(t)"))
        .isEqualTo("t >= toDateTime(1000000) AND t <= toDateTime(2000000)");
    assertThat(query.expand("$__timeFilter_ms(a.t)"))
        .isEqualTo(
            "a.t >= fromUnixTimestamp64Milli(1000000000) AND a.t <= fromUnixTimestamp64Milli(2000000000)");
    assertThat(query.expand("$__timeInterval(t) AS x"))
        .isEqualTo("toStartOfInterval(toDateTime(t), INTERVAL 60 second) AS x");
    assertThat(query.expand("f($__fromTime, $__toTime) / $__interval_s"))
        .isEqualTo("f(toDateTime(1000000), toDateTime(2000000)) / 60");
    assertThat(query.expand("$__dateFilter(toDate(t))"))
        .isEqualTo("toDate(t) >= toDate('1970-01-12') AND toDate(t) <= toDate('1970-01-24')");
    assertThat(query.expand("$__timeGroup(t, 5m)"))
        .isEqualTo("toStartOfInterval(toDateTime(t), INTERVAL 300 second)");
  }

  @Test
  void anUnknownMacroOrVariableIsAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> query.expand("$__timeFliter(t)"))
        .withMessageContaining("$__timeFliter");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> query.expand("$lsit"))
        .withMessageContaining("lsit");
  }

  @Test
  void valuesAreQuotedAndAllIsEveryOption() {
    assertThat(query.expand("x IN (${list:singlequote})")).isEqualTo("x IN ('a','b\\'c')");
    assertThat(query.expand("x IN (${every:singlequote})")).isEqualTo("x IN ('a','d')");
    assertThat(query.expand("$__conditionalAll(x IN (${every:singlequote}), $every)"))
        .isEqualTo("1=1");
    assertThat(query.expand("$__conditionalAll(x IN (${list:singlequote}), $list)"))
        .isEqualTo("x IN ('a','b\\'c')");
  }

  @Test
  void onlyConstantsOfTheFileStandUnquoted() {
    assertThat(query.expand("SELECT $model")).isEqualTo("SELECT linear");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> query.expand("SELECT $list"))
        .withMessageContaining("none of its constants");
  }

  @Property
  void noValueGetsOutOfItsQuotes(@ForAll String value) {
    Query hostile = query(Map.of("v", new Values(List.of(value), List.of(value), Set.of())));
    String sql = hostile.expand("SELECT ${v:singlequote} FROM t");
    String literal = sql.substring("SELECT ".length(), sql.length() - " FROM t".length());
    assertThat(unquote(literal)).isEqualTo(value);
  }

  @Test
  void stepsAreRoundAndNeverShorterThanThePanelSays() {
    assertThat(Query.stepSeconds(RANGE, 200, Duration.ofSeconds(1))).isEqualTo(7_200);
    assertThat(Query.stepSeconds(RANGE, 200, Duration.ofHours(3))).isEqualTo(10_800);
  }

  /** Reads a literal as ClickHouse does; fails if it ends before its last character. */
  private static String unquote(String literal) {
    assertThat(literal).startsWith("'").endsWith("'");
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < literal.length() - 1; i++) {
      char c = literal.charAt(i);
      assertThat(c).as("an unescaped quote").isNotEqualTo('\'');
      if (c == '\\') {
        c = literal.charAt(++i);
        assertThat(i).as("an escape at the end").isLessThan(literal.length() - 1);
      }
      text.append(c);
    }
    return text.toString();
  }

  private static Query query(Map<String, Values> variables) {
    return new Query(RANGE, 60, variables);
  }
}
