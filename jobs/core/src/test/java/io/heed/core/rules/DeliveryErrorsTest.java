package io.heed.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryErrorsTest {
  private final DeliveryErrors errors = DeliveryErrors.standard();

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "twilio, 30003, TRANSIENT",
        "Twilio, 30001, QUEUE_OVERFLOW",
        "twilio, 30008, UNKNOWN",
        "twilio, 30005, INVALID_NUMBER",
        "twilio, 30006, INVALID_NUMBER",
        "twilio, 30007, FILTERED",
        "twilio, 30034, UNREGISTERED_SENDER",
        "twilio, 21610, OPTED_OUT",
        "twilio, 99999, UNKNOWN",
        "-, 30006, INVALID_NUMBER",
        "-, EXPIRED, TRANSIENT",
        "another, 30006, UNKNOWN",
        "another, EXPIRED, TRANSIENT",
        "another, delivrd, NONE",
        "twilio, -, NONE",
        "-, -, NONE"
      })
  void classes(String vendor, String code, ErrorClass expected) {
    assertThat(errors.classOf(vendor, code)).isEqualTo(expected);
  }

  @Test
  void everyRowOfTheDataFileIsFoundAndSaysWhereItIsFrom() {
    for (CSVRecord row : Csv.rows("delivery-errors.csv")) {
      assertThat(errors.classOf(row.get("vendor"), row.get("code")))
          .as(row.toString())
          .isEqualTo(ErrorClass.valueOf(row.get("class")));
      assertThat(row.get("source")).as(row.toString()).isNotEmpty();
    }
  }
}
