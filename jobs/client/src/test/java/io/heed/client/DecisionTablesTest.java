package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.CapSource;
import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DecisionTablesTest {
  private final DecisionTables tables = new DecisionTables();

  @Test
  void whatIsNotThereIsOpen() {
    assertThat(tables.isSuppressed("r", "h", "l")).isFalse();
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 0)).isFalse();
  }

  @Test
  void allowedNeedsAHigherSeqAndSuppressedNone() {
    tables.apply(suppression("l", SuppressionState.SUPPRESSED, 10, 5));
    tables.apply(suppression("l", SuppressionState.ALLOWED, 20, 4));
    assertThat(tables.isSuppressed("r", "h", "l")).isTrue();
    tables.apply(suppression("l", SuppressionState.ALLOWED, 20, 6));
    assertThat(tables.isSuppressed("r", "h", "l")).isFalse();
    tables.apply(suppression("l", SuppressionState.SUPPRESSED, 30, 1));
    assertThat(tables.isSuppressed("r", "h", "l")).isTrue();
    tables.apply(suppression("l", SuppressionState.ALLOWED, 40, 5));
    assertThat(tables.isSuppressed("r", "h", "l")).as("below the highest seq of the key").isTrue();
  }

  @Test
  void aTombstoneTakesAKeyAway() {
    tables.apply(suppression("*", SuppressionState.SUPPRESSED, 10, 5));
    assertThat(tables.isSuppressed("r", "h", "l")).isTrue();
    tables.removeSuppression("r|*");
    assertThat(tables.isSuppressed("r", "h", "l")).isFalse();
    tables.apply(suppression("*", SuppressionState.SUPPRESSED, 10, 1));
    assertThat(tables.isSuppressed("r", "h", "l")).as("what comes later holds").isTrue();
  }

  @Test
  void anAllowedListThatIsLaterOpensItAlone() {
    tables.apply(suppression("*", SuppressionState.SUPPRESSED, 10, 1));
    assertThat(tables.isSuppressed("r", "h", "a")).isTrue();
    tables.apply(suppression("a", SuppressionState.ALLOWED, 10, 2));
    assertThat(tables.isSuppressed("r", "h", "a")).as("at the same instant").isTrue();
    tables.apply(suppression("a", SuppressionState.ALLOWED, 11, 3));
    assertThat(tables.isSuppressed("r", "h", "a")).isFalse();
    assertThat(tables.isSuppressed("r", "h", "b")).isTrue();
    tables.apply(suppression("*", SuppressionState.SUPPRESSED, 12, 4));
    assertThat(tables.isSuppressed("r", "h", "a")).isTrue();
  }

  @Test
  void anAllowedForAllDoesNotOpenASuppressedList() {
    tables.apply(suppression("a", SuppressionState.SUPPRESSED, 10, 1));
    tables.apply(suppression("*", SuppressionState.ALLOWED, 20, 2));
    assertThat(tables.isSuppressed("r", "h", "a")).isTrue();
  }

  @Test
  void whatCannotBeReadSuppressesUntilSomethingNewerOpens() {
    tables.apply(suppression("*", SuppressionState.ALLOWED, 20, 1_000));
    tables.suppress("r|*");
    tables.apply(suppression("*", SuppressionState.ALLOWED, 20, 1_000));
    assertThat(tables.isSuppressed("r", "h", "a")).as("an older one again").isTrue();
    tables.apply(suppression("a", SuppressionState.ALLOWED, 30, 1_001));
    assertThat(tables.isSuppressed("r", "h", "a")).as("since when is not known").isTrue();
    tables.apply(suppression("*", SuppressionState.ALLOWED, 40, 1_002));
    assertThat(tables.isSuppressed("r", "h", "a")).isFalse();
  }

  @Test
  void ofAnErasedPersonEachScopeLiesUnderTheHashUntilItIsKnown() {
    tables.apply(suppression("h", "a", SuppressionState.SUPPRESSED, 10, 1));
    tables.apply(suppression("h", "b", SuppressionState.SUPPRESSED, 10, 2));
    tables.apply(suppression("b", SuppressionState.ALLOWED, 20, 3));
    tables.apply(suppression("*", SuppressionState.ALLOWED, 20, 4));
    assertThat(tables.isSuppressed("r", "h", "a")).isTrue();
    assertThat(tables.isSuppressed("r", null, "a")).as("without a key").isFalse();
    assertThat(tables.isSuppressed("r", "h", "b")).isFalse();
    tables.apply(suppression("h", "*", SuppressionState.SUPPRESSED, 15, 5));
    tables.removeSuppression("r|*");
    assertThat(tables.isSuppressed("r", "h", "b")).as("opened since").isFalse();
    assertThat(tables.isSuppressed("r", "h", "c")).isTrue();
  }

  @Property
  void asLongAsTheNewestRecordSuppressesTheListIsClosed(
      @ForAll @Size(max = 20) List<@IntRange(min = 0, max = 100) Integer> seqs) {
    DecisionTables any = new DecisionTables();
    for (int seq : seqs) {
      any.apply(
          suppression(
              seq % 3 == 0 ? "*" : "l",
              seq % 2 == 0 ? SuppressionState.ALLOWED : SuppressionState.SUPPRESSED,
              seq,
              seq));
    }
    any.apply(suppression("l", SuppressionState.SUPPRESSED, 50, 0));
    assertThat(any.isSuppressed("r", "h", "l")).isTrue();
  }

  @Test
  void capsHoldForTheirScopeCategoryAndTime() {
    tables.apply(cap("*", CapState.CAPPED, 100L, 2));
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 99)).isTrue();
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 100)).isFalse();
    assertThat(tables.isCapped("r", Category.TRANSACTIONAL, "l", 99)).isFalse();
    tables.apply(cap("*", CapState.OPEN, null, 1));
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 99)).as("lower seq").isTrue();
    tables.apply(cap("*", CapState.OPEN, null, 3));
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 99)).isFalse();
    tables.apply(cap("l", CapState.CAPPED, null, 1));
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "l", 1_000)).isTrue();
    assertThat(tables.isCapped("r", Category.PROMOTIONAL, "k", 1_000)).isFalse();
  }

  private static SuppressionDecision suppression(
      String scope, SuppressionState state, long since, long seq) {
    return suppression("r", scope, state, since, seq);
  }

  private static SuppressionDecision suppression(
      String recipient, String scope, SuppressionState state, long since, long seq) {
    return new SuppressionDecision(
        "d", since, since, List.of(), seq, null, recipient, scope, state, "WEB", since, null);
  }

  private static FrequencyCapDecision cap(String scope, CapState state, Long eligible, long seq) {
    return new FrequencyCapDecision(
        "d",
        1,
        1,
        List.of(),
        seq,
        null,
        "r",
        Category.PROMOTIONAL,
        scope,
        state,
        0,
        eligible,
        null,
        CapSource.FIXED);
  }
}
