package io.heed.cli.webhooks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Callbacks as vendors make them, with the vendors' own keys. */
public final class TestingCallbacks {
  public static final String TWILIO_TOKEN = "a-twilio-auth-token";
  public static final String PUBLIC_URL = "https://hooks.example.com";
  static final String CREDENTIALS = "heed:a secret";
  static final KeyPair TELNYX = ed25519();

  private TestingCallbacks() {}

  static byte[] sample(String name) {
    try (InputStream in = TestingCallbacks.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, SignatureCheck> checks() {
    return Map.of(
        "twilio", SignatureCheck.twilio(List.of(TWILIO_TOKEN), PUBLIC_URL),
        "telnyx", SignatureCheck.telnyx(List.of(telnyxPublicKey())),
        "infobip", SignatureCheck.basic(List.of(CREDENTIALS)),
        "bandwidth", SignatureCheck.basic(List.of(CREDENTIALS)));
  }

  /** As Telnyx's portal shows it: the last 32 bytes of the encoded key. */
  static String telnyxPublicKey() {
    byte[] encoded = TELNYX.getPublic().getEncoded();
    return Base64.getEncoder()
        .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  /** Headers with a valid signature of a vendor. */
  public static Map<String, String> signed(String vendor, byte[] body, long now) {
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", "application/json");
    switch (vendor) {
      case "twilio" -> {
        headers.put("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        headers.put("x-twilio-signature", twilio(TWILIO_TOKEN, PUBLIC_URL + "/twilio", body));
      }
      case "telnyx" -> {
        String timestamp = Long.toString(now / 1_000);
        headers.put("telnyx-timestamp", timestamp);
        headers.put("telnyx-signature-ed25519", telnyx(timestamp, body));
      }
      default ->
          headers.put(
              "authorization",
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString(CREDENTIALS.getBytes(StandardCharsets.UTF_8)));
    }
    return headers;
  }

  /** By Twilio's rule: the URL, then each field's name and value in order of the names. */
  public static String twilio(String token, String url, byte[] form) {
    StringBuilder text = new StringBuilder(url);
    Arrays.stream(new String(form, StandardCharsets.UTF_8).split("&", -1))
        .map(pair -> pair.split("=", 2))
        .sorted((a, b) -> a[0].compareTo(b[0]))
        .forEach(
            pair ->
                text.append(pair[0]).append(URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String telnyx(String timestamp, byte[] body) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(TELNYX.getPrivate());
      signature.update((timestamp + "|").getBytes(StandardCharsets.UTF_8));
      signature.update(body);
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair ed25519() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
