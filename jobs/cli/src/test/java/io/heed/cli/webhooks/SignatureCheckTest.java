package io.heed.cli.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.webhooks.SignatureCheck.Found;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SignatureCheckTest {
  private static final long NOW = 1_796_000_000_000L;
  private static final Map<String, String> FORM =
      Map.of("content-type", "application/x-www-form-urlencoded");

  /** The example of Twilio's documentation and of its libraries' tests. */
  @Test
  void twiliosOwnExample() {
    SignatureCheck check =
        SignatureCheck.twilio(List.of("wrong", "12345"), "https://mycompany.com");
    String form =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
            + "&To=%2B18005551212";
    Map<String, String> headers = new HashMap<>(FORM);
    headers.put("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assertThat(check.check(callback("/myapp.php?foo=1&bar=2", headers, form)))
        .isEqualTo(Found.VALID);
    assertThat(check.check(callback("/myapp.php?foo=1&bar=3", headers, form)))
        .isEqualTo(Found.WRONG);
    assertThat(check.check(callback("/myapp.php?foo=1&bar=2", headers, form + "&x=1")))
        .isEqualTo(Found.WRONG);
    assertThat(check.check(callback("/myapp.php?foo=1&bar=2", FORM, form))).isEqualTo(Found.WRONG);
  }

  @Test
  void twiliosJsonIsSignedByItsDigestInTheUrl() {
    String body = "{\"CallSid\":\"CA1234567890ABCDE\",\"Caller\":\"+12349013030\"}";
    // SHA-256 of the body by another program.
    String target =
        "/myapp?bodySHA256=5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9";
    SignatureCheck check = SignatureCheck.twilio(List.of("12345"), "https://example.com");
    Map<String, String> headers =
        Map.of(
            "content-type", "application/json",
            "x-twilio-signature", "hPXmLwIy3Fgqv1i9KPmH/HhQ6zo=");
    assertThat(check.check(callback(target, headers, body))).isEqualTo(Found.VALID);
    assertThat(check.check(callback(target, headers, body + " "))).isEqualTo(Found.WRONG);
    assertThat(check.check(callback("/myapp", headers, body))).isEqualTo(Found.WRONG);
  }

  @Test
  void telnyxSignsTimestampAndBodyForFiveMinutes() {
    byte[] body = TestingCallbacks.sample("telnyx-received.json");
    SignatureCheck check = TestingCallbacks.checks().get("telnyx");
    Map<String, String> headers = TestingCallbacks.signed("telnyx", body, NOW);
    for (long late : new long[] {-300_000, 0, 300_000}) {
      assertThat(check.check(new Callback("/telnyx", headers, body, NOW + late)))
          .isEqualTo(Found.VALID);
    }
    for (long late : new long[] {-300_001, 300_001}) {
      assertThat(check.check(new Callback("/telnyx", headers, body, NOW + late)))
          .isEqualTo(Found.WRONG);
    }
    Map<String, String> newer = new HashMap<>(headers);
    newer.put("telnyx-timestamp", Long.toString(NOW / 1_000 + 1));
    assertThat(check.check(new Callback("/telnyx", newer, body, NOW))).isEqualTo(Found.WRONG);
    assertThatThrownBy(() -> SignatureCheck.telnyx(List.of("AAAA")))
        .hasMessage("no Ed25519 public key, base64 of 32 bytes: 3 bytes");
    assertThatThrownBy(() -> SignatureCheck.telnyx(List.of("no base64!")))
        .hasMessageStartingWith("no Ed25519 public key");
  }

  @Test
  void basicCredentialsAreRequestedWhereTheyAreMissing() {
    SignatureCheck check = SignatureCheck.basic(List.of("old:one", "new:two"));
    assertThat(check.check(callback("/", Map.of(), ""))).isEqualTo(Found.MISSING);
    for (String valid : List.of("old:one", "new:two")) {
      assertThat(check.check(callback("/", basic(valid), ""))).isEqualTo(Found.VALID);
    }
    for (String wrong : List.of("old:two", "new:tw", "new:two2", "")) {
      assertThat(check.check(callback("/", basic(wrong), ""))).isEqualTo(Found.WRONG);
    }
  }

  /** One other byte anywhere, and whatever stands in the headers. */
  @Property(tries = 300)
  void nothingThatWasChangedIsValid(
      @ForAll @IntRange(max = 100_000) int place,
      @ForAll @IntRange(min = 1, max = 255) int change,
      @ForAll String header) {
    for (String[] each :
        new String[][] {{"twilio", "twilio-inbound.form"}, {"telnyx", "telnyx-received.json"}}) {
      SignatureCheck check = TestingCallbacks.checks().get(each[0]);
      byte[] body = TestingCallbacks.sample(each[1]);
      Map<String, String> headers = TestingCallbacks.signed(each[0], body, NOW);
      assertThat(check.check(new Callback("/" + each[0], headers, body, NOW)))
          .isEqualTo(Found.VALID);
      byte[] changed = body.clone();
      changed[place % body.length] ^= (byte) change;
      if (each[0].equals("telnyx") || !sameFields(changed, body)) {
        assertThat(check.check(new Callback("/" + each[0], headers, changed, NOW)))
            .isEqualTo(Found.WRONG);
      }
      headers.replaceAll((name, value) -> name.equals("content-type") ? value : header);
      assertThat(check.check(new Callback("/" + each[0], headers, body, NOW)))
          .isEqualTo(Found.WRONG);
    }
  }

  /** Such as %2b for %2B: other bytes of the same fields. */
  private static boolean sameFields(byte[] a, byte[] b) {
    try {
      return new Callback("/", FORM, a, 0).form().equals(new Callback("/", FORM, b, 0).form());
    } catch (UnmappableException e) {
      return false;
    }
  }

  private static Map<String, String> basic(String credentials) {
    byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
    return Map.of("authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
  }

  private static Callback callback(String target, Map<String, String> headers, String body) {
    return new Callback(target, headers, body.getBytes(StandardCharsets.UTF_8), NOW);
  }
}
