package io.heed.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.text.Segments.Encoding;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentsTest {
  private static final String EMOJI = "\uD83D\uDE00";

  @ParameterizedTest
  @CsvSource({
    "a, 0, '', GSM_7, 0, 0",
    "a, 160, '', GSM_7, 160, 1",
    "a, 161, '', GSM_7, 161, 2",
    "a, 306, '', GSM_7, 306, 2",
    "a, 307, '', GSM_7, 307, 3",
    "€, 80, '', GSM_7, 160, 1",
    // An escape and its septet stay together: 76 of them a segment, and a septet is lost.
    "€, 153, '', GSM_7, 306, 3",
    "a, 69, ’, UCS_2, 70, 1",
    "a, 70, ’, UCS_2, 71, 2",
    "a, 133, ’, UCS_2, 134, 2",
    "a, 134, ’, UCS_2, 135, 3",
    "ñ, 160, '', GSM_7, 160, 1",
    "á, 1, '', UCS_2, 1, 1",
  })
  void unitsAndSegments(
      String character, int times, String end, Encoding encoding, int units, int segments) {
    Segments of = Segments.of(character.repeat(times) + end);

    assertThat(of.encoding()).isEqualTo(encoding);
    assertThat(of.units()).isEqualTo(units);
    assertThat(of.segments()).isEqualTo(segments);
  }

  @ParameterizedTest
  @CsvSource({"35, 70, 1", "36, 72, 2", "66, 132, 2", "67, 134, 3"})
  void anEmojiIsTwoUnitsThatStayTogether(int times, int units, int segments) {
    Segments of = Segments.of(EMOJI.repeat(times));

    assertThat(of.units()).isEqualTo(units);
    assertThat(of.segments()).isEqualTo(segments);
    assertThat(of.beyondGsm()).hasSize(times);
  }

  @Property
  void textsOfTheAlphabetFitIntoTheirSegmentsAndNotIntoFewer(
      @ForAll @CharRange(from = ' ', to = '~') @StringLength(min = 1, max = 800) String text) {
    Segments of = Segments.of(text);
    boolean gsm = text.indexOf('`') < 0;

    assertThat(of.encoding()).isEqualTo(gsm ? Encoding.GSM_7 : Encoding.UCS_2);
    assertThat(of.units()).isLessThanOrEqualTo(of.encoding().capacity(of.segments()));
    if (of.segments() > 2) {
      // At most one unit of each part is lost, before an escape.
      assertThat(of.units() + of.segments() - 1)
          .isGreaterThan(of.encoding().capacity(of.segments() - 1));
    }
  }
}
