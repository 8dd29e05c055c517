package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipientIdsTest {
  private final RecipientIds ids = new RecipientIds("US");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+12125550178",
        "+1 212 555 0178",
        "+1 (212) 555-0178",
        "+1-212-555-0178",
        "+1.212.555.0178",
        " +12125550178 ",
        "tel:+1-212-555-0178",
        "whatsapp:+12125550178",
        "12125550178",
        "1 212 555 0178",
        "(212) 555-0178",
        "212-555-0178",
      })
  void onePersonHasOneId(String written) {
    assertThat(ids.canonical(written, null)).isEqualTo("+12125550178");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Digits alone may be anybody's key, and so may all the rest.
        "2125550178",
        "1234567890",
        "10000000001",
        "17",
        "r1",
        "r-12125550178",
        "user 12125550178",
        "2026-11-29",
        "550e8400-e29b-41d4-a716-446655440000",
        "+",
        "+abc",
        "",
        "(no)",
        "tel:",
        "1e5",
        "12125550178x",
        "999-99-9999",
        "99999999999999999999",
      })
  void everyOtherIdIsAPseudonym(String id) {
    assertThat(ids.canonical(id, null)).isSameAs(id);
    assertThat(ids.rewritten()).isZero();
  }

  @Test
  void withoutADefaultCountryThePlusDecidesOrTheKey() {
    RecipientIds none = new RecipientIds(RecipientIds.NONE);
    assertThat(none.canonical("12125550178", null)).isEqualTo("12125550178");
    assertThat(none.canonical("+44 (0)20 7946 0018", null)).isEqualTo("+442079460018");
    assertThat(none.canonical("12125550178", "+12125550178".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("+12125550178");
    assertThat(none.canonical("12125550178", "+12125550179".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("12125550178");
    assertThat(none.rewritten()).isEqualTo(2);
    assertThat(new RecipientIds("gb").canonical("442079460018", null)).isEqualTo("+442079460018");
  }

  @Test
  void everyFormOfEveryCountrysNumberIsTheSame() {
    PhoneNumberUtil numbers = PhoneNumberUtil.getInstance();
    for (String country : numbers.getSupportedRegions()) {
      PhoneNumber example = numbers.getExampleNumber(country);
      String e164 = numbers.format(example, PhoneNumberFormat.E164);
      assertThat(ids.canonical(numbers.format(example, PhoneNumberFormat.INTERNATIONAL), null))
          .as(country)
          .isEqualTo(e164);
      assertThat(new RecipientIds(country).canonical(e164.substring(1), null))
          .as(country)
          .isEqualTo(e164);
      assertThat(ids.canonical(e164, null)).isSameAs(e164);
    }
  }

  @ParameterizedTest
  @CsvSource({"'\"+1 212 555 0178\"'", "12125550178", "'\"12125550178\"'", "'\"+12125550178\"'"})
  void recordsAreReadWithIt(String json) throws UnreadableException {
    String record =
        "{\"event_id\":\"e\",\"event_time\":1700000000000,\"recipient_id\":%s,\"body\":\"STOP\"}";
    TopicCodec codec = new TopicCodec(ids);
    Reply reply =
        (Reply)
            codec.read(
                Topic.REPLY,
                record.formatted(json).getBytes(StandardCharsets.UTF_8),
                1_700_000_000_000L);
    assertThat(reply).isEqualTo(new Reply("e", 1_700_000_000_000L, "+12125550178", null, "STOP"));
  }

  @Test
  void anUnknownCountryIsRefused() {
    assertThatThrownBy(() -> new RecipientIds("XX"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no country 'XX' (allowed: an ISO 3166-1 code such as US, or none)");
  }
}
