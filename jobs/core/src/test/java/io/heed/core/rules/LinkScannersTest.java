package io.heed.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Click;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkScannersTest {
  private static final long SENT = 1_750_000_000_000L;
  private static final String PHONE =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
          + " Gecko) Version/17.0 Mobile/15E148 Safari/604.1";

  private final LinkScanners scanners = LinkScanners.standard();

  private static Click click(String userAgent, long after) {
    return new Click("e", SENT + after, "r", "m", null, null, userAgent, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko)"
            + " Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "WhatsApp/2.23.20.0 A",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; SomethingBot/2.1)",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/119.0",
        "curl/8.1.2",
        "python-httpx/0.27.0",
        "GuzzleHttp/7",
        "Java-http-client/17.0.9",
        "PostmanRuntime/7.36.0",
        "Ruby",
        "undici",
        "Dart/3.2 (dart:io)",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.12026; Pro)",
        "got (https://github.com/sindresorhus/got)",
        "reqwest/0.11.4",
        "Faraday v2.7.0",
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0; en-US) WindowsPowerShell/5.1"
      })
  void knowsMachinesByName(String userAgent) {
    assertThat(scanners.isScanner(click(userAgent, 60_000))).isTrue();
    assertThat(scanners.isScanner(click(userAgent, 60_000), SENT)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PHONE,
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19 Build/PPR1) AppleWebKit/537.36 Chrome/78 Mobile",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) [FBAN/FBIOS;FBAV/400.0]",
        "Mozilla/5.0 (Linux; Android 13; Pixel 7; wv) Chrome/116 Mobile Instagram 300.0"
      })
  void takesPhonesForPeople(String userAgent) {
    assertThat(scanners.isScanner(click(userAgent, 60_000))).isFalse();
    assertThat(scanners.isScanner(click(userAgent, 60_000), SENT)).isFalse();
  }

  @Test
  void whatComesSoonerThanAPersonCanTapIsAMachine() {
    assertThat(scanners.isScanner(click(PHONE, 0), SENT)).isTrue();
    assertThat(scanners.isScanner(click(PHONE, 1_999), SENT)).isTrue();
    assertThat(scanners.isScanner(click(PHONE, 2_000), SENT)).isFalse();
  }

  @Test
  void timeIsNoEvidenceWhereClocksDifferOrNothingIsKnownOfTheClient() {
    assertThat(scanners.isScanner(click(PHONE, -1), SENT)).isFalse();
    assertThat(scanners.isScanner(click(null, 0), SENT)).isFalse();
    assertThat(scanners.isScanner(click(PHONE, 0))).isFalse();
  }

  @Test
  void everyTokenIsLowerCaseAndSaysWhereItIsFrom() {
    for (CSVRecord row : Csv.rows("link-scanners.csv")) {
      assertThat(row.get("value")).isNotEmpty().doesNotMatch(".*[A-Z].*");
      assertThat(row.get("source")).as(row.toString()).isNotEmpty();
    }
  }
}
