package io.heed.core.attribution;

import static io.heed.core.attribution.Facts.DAY;
import static io.heed.core.attribution.Facts.HOUR;
import static io.heed.core.attribution.Facts.START;
import static io.heed.core.attribution.Facts.click;
import static io.heed.core.attribution.Facts.conversion;
import static io.heed.core.attribution.Facts.delivered;
import static io.heed.core.attribution.Facts.purchase;
import static io.heed.core.attribution.Facts.refund;
import static io.heed.core.attribution.Facts.send;
import static io.heed.core.attribution.Facts.touch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.heed.core.config.ConfigException;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ConversionKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttributionTest {
  private static final String R = "r";
  private static final String PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)";

  private final TestingJob job = new TestingJob();

  @Test
  void aMessageIsOneTouchItsFirstClickOrElseItsDelivery() {
    job.process(send(0, R, "m1", "spring"));
    job.process(delivered(HOUR, R, "m1"));
    job.process(purchase(2 * HOUR, R, "early", 10));
    job.process(click(3 * HOUR, R, "m1"));
    job.process(click(4 * HOUR, R, "m1"));
    job.process(purchase(5 * HOUR, R, "late", 10));
    assertThat(job.select(Model.LINEAR))
        .extracting(AttributionCreditRow::conversionId, AttributionCreditRow::touchTime)
        .containsExactly(tuple("early", START + HOUR), tuple("late", START + 3 * HOUR));
  }

  @Test
  void windowsDifferByKindOfTouchAndTheirEndsBelongToThem() {
    job.process(click(0, R, "m1"));
    job.process(delivered(0, R, "m2"));
    job.process(touch(0, R, "email"));
    job.process(purchase(DAY, R, "day", 1));
    job.process(purchase(DAY + 1, R, "day+", 1));
    job.process(purchase(5 * DAY + 1, R, "five+", 1));
    job.process(purchase(30 * DAY, R, "thirty", 1));
    job.process(purchase(30 * DAY + 1, R, "thirty+", 1));
    assertThat(touches("day")).isEqualTo(3);
    assertThat(touches("day+")).isEqualTo(2);
    assertThat(channels("five+")).containsExactly("email");
    assertThat(channels("thirty")).containsExactly("email");
    assertThat(channels("thirty+")).containsExactly("none");
  }

  @Test
  void oneIdThroughTheStagesCountsOncePerKind() {
    job.process(touch(0, R, "email"));
    job.process(conversion(HOUR, R, "deal5", ConversionKind.LEAD, 0));
    job.process(conversion(2 * HOUR, R, "deal5", ConversionKind.QUALIFIED, 0));
    job.process(conversion(3 * HOUR, R, "deal5", ConversionKind.PURCHASE, 99));
    job.process(conversion(3 * HOUR, R, "deal5", ConversionKind.PURCHASE, 99));
    assertThat(job.select(Model.LINEAR))
        .extracting(row -> row.kind() + " " + row.revenueMicros())
        .containsExactlyInAnyOrder("LEAD 0", "QUALIFIED 0", "PURCHASE 99");
    // An order's id used for its refund as well: it takes the purchase back from its touch.
    job.process(refund(4 * HOUR, R, "deal5", 99, null));
    assertThat(job.select(Model.LINEAR)).hasSize(4);
    assertThat(job.select(Model.LINEAR).stream().mapToLong(row -> row.revenueMicros()).sum())
        .isZero();
    assertThat(job.select(Model.LINEAR)).allMatch(row -> row.channel().equals("email"));
  }

  @Test
  void campaignAndVariantComeFromTheSendAlsoWhenItComesLater() {
    job.process(delivered(HOUR, R, "m1"));
    job.process(purchase(2 * HOUR, R, "p", 10));
    assertThat(job.select(Model.LINEAR).get(0).campaignId()).isNull();
    job.process(send(0, R, "m1", "spring", "x", "b"));
    assertThat(job.select()).hasSize(5).allMatch(row -> row.campaignId().equals("spring"));
    assertThat(job.select()).allMatch(row -> row.variantId().equals("b"));
  }

  @Test
  void scannersEarnNothingWhetherTheirAgentOrTheirHasteGivesThemAway() {
    job.process(click(HOUR, R, "m1", "facebookexternalhit/1.1"));
    job.process(click(2 * HOUR + 1, R, "m2", PHONE));
    job.process(purchase(3 * HOUR, R, "p", 10));
    assertThat(channels("p")).containsExactly("sms");
    job.process(send(2 * HOUR, R, "m2", "spring"));
    assertThat(channels("p")).containsExactly("none");
    job.process(click(2 * HOUR + 60_000, R, "m2", PHONE));
    assertThat(channels("p")).containsExactly("sms");
  }

  @Test
  void aLateTouchRestatesTheRowsAndWhatIsNotTrueAnyMoreGoes() {
    job.process(touch(2 * HOUR, R, "email"));
    job.process(purchase(3 * HOUR, R, "p", 10));
    job.process(touch(HOUR, R, "search"));
    assertThat(job.select(Model.LAST_TOUCH))
        .singleElement()
        .satisfies(row -> assertThat(row.touchIndex()).isEqualTo(1))
        .satisfies(row -> assertThat(row.channel()).isEqualTo("email"));
    assertThat(job.select(Model.FIRST_TOUCH))
        .singleElement()
        .satisfies(row -> assertThat(row.channel()).isEqualTo("search"));
  }

  @Test
  void anEventWritesOnlyRowsThatChange() {
    job.process(touch(HOUR, R, "email"));
    job.process(purchase(2 * HOUR, R, "p1", 10));
    int before = job.rowsWritten;
    job.process(touch(3 * HOUR, R, "search"));
    job.process(touch(3 * HOUR, R, "search"));
    job.process(purchase(2 * HOUR, R, "p1", 10));
    assertThat(job.rowsWritten).isEqualTo(before);
  }

  @Test
  void aRefundHasTheSharesOfItsOriginalWhicheverComesFirst() {
    job.process(refund(40 * DAY, R, "back", 7, "p"));
    assertThat(channels("back")).containsExactly("none");
    job.process(touch(HOUR, R, "email"));
    job.process(touch(2 * HOUR, R, "search"));
    job.process(purchase(3 * HOUR, R, "p", 10));
    assertThat(job.select(Model.LINEAR))
        .filteredOn(row -> row.kind() == ConversionKind.REFUND)
        .extracting(AttributionCreditRow::revenueMicros)
        .containsExactly(-4L, -3L);
    assertThat(channels("back")).containsExactly("email", "search");
  }

  @Test
  void aRefundAfterOneHundredAndTwentyDaysStillFindsItsOriginalAndLaterNoMore() {
    job.process(touch(0, R, "email"));
    job.process(purchase(HOUR, R, "p", 10));
    job.advance(START + 120 * DAY);
    job.process(refund(HOUR + 120 * DAY, R, "in-time", 1, "p"));
    job.process(refund(HOUR + 120 * DAY + 1, R, "too-late", 1, "p"));
    assertThat(channels("in-time")).containsExactly("email");
    assertThat(channels("too-late")).containsExactly("none");
    job.advance(START + 122 * DAY);
    assertThat(job.select(Model.MARKOV))
        .extracting(AttributionCreditRow::channel)
        .containsExactlyInAnyOrder("email", "email", "none");
  }

  @Test
  void markovRowsAppearWhenTheDayClosesAndAreNotRecomputed() {
    job.process(touch(HOUR, R, "email"));
    job.process(touch(2 * HOUR, R, "search"));
    job.process(purchase(3 * HOUR, R, "p", 10));
    job.advance(START + DAY - 1);
    assertThat(job.select(Model.MARKOV)).isEmpty();
    job.advance(START + DAY);
    List<AttributionCreditRow> rows = job.select(Model.MARKOV);
    assertThat(rows).hasSize(2);
    job.process(touch(30 * HOUR, "other", "email"));
    job.process(purchase(31 * HOUR, "other", "q", 10));
    job.advance(START + 3 * DAY);
    assertThat(job.select(Model.MARKOV)).containsAll(rows).hasSize(3);
  }

  @Test
  void aPathEndsWithoutConversionWhenItsLastLookBackHasPassed() {
    job.process(touch(0, R, "email"));
    job.process(delivered(29 * DAY, R, "m1"));
    job.process(touch(29 * DAY + HOUR, R, "search"));
    job.advance(START + 60 * DAY);
    // The run lasts until search's 30 days are over; email was in its look-back at the last touch.
    assertThat(job.counts.keySet()).containsExactly(Days.of(START + 59 * DAY));
    assertThat(job.counts.firstEntry().getValue().asMap())
        .containsOnlyKeys(
            new TransitionCounts.Transition(TransitionCounts.START, "email"),
            new TransitionCounts.Transition("email", "sms"),
            new TransitionCounts.Transition("sms", "search"),
            new TransitionCounts.Transition("search", TransitionCounts.NULL));
  }

  @Test
  void touchesBeforeAConversionAreNoPathWithoutOneAndThoseAfterAre() {
    job.process(touch(0, R, "email"));
    job.process(purchase(HOUR, R, "p", 1));
    job.process(click(2 * HOUR, R, "m1"));
    job.advance(START + 60 * DAY);
    assertThat(job.counts.keySet()).containsExactly(Days.of(START), Days.of(START + 5 * DAY));
  }

  @Test
  void aChangedWindowHoldsFromItsEffectiveDate() throws ConfigException {
    String document = "windows:\n  other_channels: 1h\n";
    job.policies.add(
        new ConfigVersion("attribution", "attribution", "h", START + 10 * DAY, 0, document));
    job.process(touch(10 * DAY - 2 * HOUR, R, "email"));
    job.process(purchase(10 * DAY - 1, R, "before", 1));
    job.process(purchase(10 * DAY, R, "after", 1));
    assertThat(channels("before")).containsExactly("email");
    assertThat(channels("after")).containsExactly("none");
  }

  @Test
  void aChangedModelHoldsFromItsEffectiveDate() throws ConfigException {
    String document = "position_based:\n  first: 1\n  last: 0\ntime_decay:\n  half_life: 1h\n";
    job.policies.add(
        new ConfigVersion("attribution", "attribution", "h", START + 10 * DAY, 0, document));
    job.process(touch(10 * DAY - 2 * HOUR, R, "email"));
    job.process(touch(10 * DAY - HOUR, R, "search"));
    job.process(purchase(10 * DAY - 1, R, "before", 1));
    job.process(purchase(10 * DAY, R, "after", 1));
    assertThat(job.select(Model.POSITION_BASED))
        .extracting(AttributionCreditRow::conversionId, row -> row.credit().doubleValue())
        .containsExactly(tuple("after", 1.0), tuple("before", 0.5), tuple("before", 0.5));
    assertThat(job.select(Model.TIME_DECAY))
        .filteredOn(row -> row.conversionId().equals("after"))
        .extracting(row -> row.credit().movePointRight(12).longValueExact())
        .containsExactly(333_333_333_333L, 666_666_666_667L);
  }

  @Test
  void aWindowThatIsDatedBackRestatesAllRowsOfWhatItHoldsFor() throws ConfigException {
    job.process(touch(0, R, "email"));
    job.process(touch(2 * HOUR, R, "search"));
    job.process(purchase(3 * HOUR, R, "p", 10));
    job.process(refund(4 * HOUR, R, "b", 4, "p"));
    String document = "windows:\n  other_channels: 2h\n";
    job.policies.add(new ConfigVersion("attribution", "attribution", "h", START, 0, document));
    job.restate();
    assertThat(channels("p")).containsExactly("search");
    assertThat(channels("b")).containsExactly("search");
    int rows = job.rowsWritten;
    job.restate();
    assertThat(job.rowsWritten).isEqualTo(rows);
    job.advance(START + 2 * DAY);
    assertThat(job.select(Model.MARKOV)).hasSize(2);
  }

  @Test
  void stateIsBoundedAndWhatIsEvictedIsCounted() {
    for (int i = 0; i < 2_000; i++) {
      job.process(touch(i * 60_000L, R, "email"));
    }
    job.process(purchase(2_000 * 60_000L, R, "p", 1));
    assertThat(touches("p")).isEqualTo(PathBuilder.PATH_TOUCHES);
    // Of those that are kept, what finds no place in the path is left out of it.
    assertThat(job.history(R).evicted()).isEqualTo(2_000 - PathBuilder.PATH_TOUCHES);
    assertThat(job.histories.get(R).length).isLessThan(10_000);
  }

  @Test
  void stateExpires() {
    job.process(send(0, R, "m1", "c", "x", "a"));
    job.process(delivered(0, R, "m1"));
    job.process(touch(0, R, "email"));
    job.process(purchase(HOUR, R, "p", 1));
    job.process(conversion(HOUR, R, "l", ConversionKind.LEAD, 0));
    job.process(delivered(0, "silent", "m2"));
    job.advance(START + 80 * DAY);
    assertThat(job.histories).containsOnlyKeys(R);
    job.advance(START + 165 * DAY);
    assertThat(job.histories).isEmpty();
  }

  private long touches(String conversion) {
    return channels(conversion).size();
  }

  private List<String> channels(String conversion) {
    return job.select(Model.LINEAR).stream()
        .filter(row -> row.conversionId().equals(conversion))
        .map(AttributionCreditRow::channel)
        .toList();
  }
}
