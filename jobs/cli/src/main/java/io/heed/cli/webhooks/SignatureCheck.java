package io.heed.cli.webhooks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Whether a callback comes from its vendor. Several keys may be valid while one is replaced. */
@FunctionalInterface
public interface SignatureCheck {
  /** What a check found. */
  enum Found {
    VALID,
    WRONG,
    /** No credentials; HTTP clients send them once they are requested. */
    MISSING
  }

  /** Checks a callback; never throws, whatever its contents. */
  Found check(Callback callback);

  /**
   * Twilio: {@code X-Twilio-Signature} is the base64 HMAC-SHA1, under the account's auth token, of
   * the URL followed by the form's fields, sorted, each name with its value. For another body the
   * URL has {@code bodySHA256}, the body's SHA-256 in hexadecimal. Source: Twilio, Webhooks
   * security.
   *
   * @param tokens auth tokens
   * @param publicUrl what stands before the target in the URL that Twilio calls
   */
  static SignatureCheck twilio(List<String> tokens, String publicUrl) {
    Pattern digest = Pattern.compile("[?&]bodySHA256=([0-9a-fA-F]{64})(?:&|$)");
    return callback -> {
      String given = callback.header("x-twilio-signature");
      if (given == null) {
        return Found.WRONG;
      }
      StringBuilder signed = new StringBuilder(publicUrl).append(callback.target());
      if (callback.isForm()) {
        try {
          callback
              .form()
              .forEach(
                  (name, values) ->
                      new TreeSet<>(values).forEach(v -> signed.append(name).append(v)));
        } catch (UnmappableException e) {
          return Found.WRONG;
        }
      } else {
        Matcher stated = digest.matcher(callback.target());
        if (!stated.find()
            || !isEqual(HexFormat.of().parseHex(stated.group(1)), sha256(callback.body()))) {
          return Found.WRONG;
        }
      }
      byte[] text = signed.toString().getBytes(StandardCharsets.UTF_8);
      byte[] signature = given.getBytes(StandardCharsets.UTF_8);
      return any(
          tokens,
          token -> isEqual(signature, Base64.getEncoder().encode(hmac("HmacSHA1", token, text))));
    };
  }

  /**
   * Telnyx: {@code telnyx-signature-ed25519} is the base64 Ed25519 signature of {@code
   * telnyx-timestamp} (seconds), a bar and the body; five minutes old at most. Source: Telnyx,
   * Webhook fundamentals.
   *
   * @param publicKeys the account's public keys, base64 of 32 bytes
   * @throws IllegalArgumentException if one is no such key
   */
  static SignatureCheck telnyx(List<String> publicKeys) {
    List<PublicKey> keys = new ArrayList<>();
    for (String key : publicKeys) {
      keys.add(ed25519(key));
    }
    return callback -> {
      String given = callback.header("telnyx-signature-ed25519");
      String timestamp = callback.header("telnyx-timestamp");
      if (given == null || timestamp == null || !timestamp.matches("\\d{1,12}")) {
        return Found.WRONG;
      }
      long age = callback.receivedAt() - 1_000 * Long.parseLong(timestamp);
      if (Math.abs(age) > 300_000) {
        return Found.WRONG;
      }
      byte[] prefix = (timestamp + "|").getBytes(StandardCharsets.UTF_8);
      return any(keys, key -> verifies(key, prefix, callback.body(), given));
    };
  }

  /**
   * Infobip and Bandwidth: HTTP basic authentication (RFC 7617).
   *
   * @param credentials each {@code user:password}
   */
  static SignatureCheck basic(List<String> credentials) {
    return callback -> {
      String given = callback.header("authorization");
      if (given == null) {
        return Found.MISSING;
      }
      byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
      return any(
          credentials,
          each ->
              isEqual(
                  bytes,
                  ("Basic "
                          + Base64.getEncoder()
                              .encodeToString(each.getBytes(StandardCharsets.UTF_8)))
                      .getBytes(StandardCharsets.UTF_8)));
    };
  }

  private static <K> Found any(List<K> keys, Predicate<K> matches) {
    return keys.stream().anyMatch(matches) ? Found.VALID : Found.WRONG;
  }

  /** In a time that does not depend on where they differ, nor on how long the expected one is. */
  private static boolean isEqual(byte[] given, byte[] expected) {
    return MessageDigest.isEqual(sha256(given), sha256(expected));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(String algorithm, String key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean verifies(PublicKey key, byte[] prefix, byte[] body, String signature) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(key);
      ed25519.update(prefix);
      ed25519.update(body);
      return ed25519.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static PublicKey ed25519(String base64) {
    try {
      byte[] raw = Base64.getDecoder().decode(base64);
      if (raw.length != 32) {
        throw new IllegalArgumentException(raw.length + " bytes");
      }
      // SubjectPublicKeyInfo of Ed25519 (RFC 8410) before the key itself.
      byte[] encoded =
          HexFormat.of().parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(raw));
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "no Ed25519 public key, base64 of 32 bytes: " + e.getMessage(), e);
    }
  }
}
