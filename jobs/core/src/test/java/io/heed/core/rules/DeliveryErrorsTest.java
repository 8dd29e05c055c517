package io.heed.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
        "twilio, 30006.0, INVALID_NUMBER",
        "' Twilio ', ' 21211 ', INVALID_NUMBER",
        "twilio, 30023, CARRIER_LIMIT",
        "telnyx, 40300, OPTED_OUT",
        "bandwidth, 4406, INVALID_NUMBER",
        "bandwidth, 4775, OPTED_OUT",
        "plivo, 200, OPTED_OUT",
        "nexmo, 9, OPTED_OUT",
        "infobip, ec_absent_subscriber, TRANSIENT",
        "infobip, EC absent subscriber, TRANSIENT",
        "infobip, 603, OPTED_OUT",
        "sinch, 64, CARRIER_LIMIT",
        "messagebird, 1, INVALID_NUMBER",
        "aws, OPTED_OUT, OPTED_OUT",
        "AWS End User Messaging, text_carrier_blocked, FILTERED",
        "azure, 4007, OPTED_OUT",
        "-, 9, UNKNOWN",
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

  @ParameterizedTest
  @EnumSource(DeliveryStatus.class)
  void anErrorCodeOfADeliveredMessageMeansNothing(DeliveryStatus status) {
    Delivery receipt = new Delivery("e", 1, "r", "m", status, "30006", "twilio", null);
    assertThat(errors.classOf(receipt))
        .isEqualTo(
            status == DeliveryStatus.DELIVERED || status == DeliveryStatus.READ
                ? ErrorClass.NONE
                : ErrorClass.INVALID_NUMBER);
  }

  @Test
  void everyRowOfTheDataFileIsFoundAndSaysWhereItIsFrom() {
    for (CSVRecord row : Csv.rows("delivery-errors.csv")) {
      if (row.get("class").equals("ALIAS")) {
        continue;
      }
      assertThat(errors.classOf(row.get("vendor"), row.get("code")))
          .as(row.toString())
          .isEqualTo(ErrorClass.valueOf(row.get("class")));
      assertThat(row.get("source")).as(row.toString()).isNotEmpty();
    }
  }
}
