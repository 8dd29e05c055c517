package io.heed.core.model;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * One form of a recipient's id: a phone number is E.164 ({@code +12125550178}) however a producer
 * writes it, so that one person is one recipient. Only what is a phone number beyond doubt is
 * rewritten; every other id is a pseudonym and stays as it is. Safe for concurrent use.
 *
 * <table>
 * <caption>What is rewritten</caption>
 * <tr><td>{@code +1 (212) 555-0178}, {@code tel:+1-212-555-0178}</td><td>always</td></tr>
 * <tr><td>{@code 12125550178}: the default country's calling code and a valid number</td>
 *     <td>with a default country</td></tr>
 * <tr><td>{@code (212) 555-0178}: a valid number of the default country, with the punctuation of
 *     one</td><td>with a default country</td></tr>
 * <tr><td>any digits, where the record's key is the same number in E.164</td><td>always</td></tr>
 * </table>
 */
public final class RecipientIds {
  /** No default country: a number is recognised by its plus alone. */
  public static final String NONE = "none";

  private static final String INTERNATIONAL = "00";
  private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();
  private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");
  private static final Pattern WRITTEN = Pattern.compile("\\+?[0-9 ()./-]{7,30}");

  /** What a program makes of digits that it takes for a fraction. */
  private static final Pattern WHOLE = Pattern.compile("(\\d{11,15})\\.0+");

  private static final Pattern SCHEME = Pattern.compile("(?i)(tel|sms|whatsapp):(?=\\+)");

  private final String country;
  private final String callingCode;
  private final AtomicLong rewritten = new AtomicLong();

  /**
   * Ids of a deployment.
   *
   * @param country ISO 3166-1 code of the country of numbers without a plus, or {@link #NONE}
   * @throws IllegalArgumentException if there is no such country
   */
  public RecipientIds(String country) {
    this.country = country.equalsIgnoreCase(NONE) ? null : country.toUpperCase(Locale.ROOT);
    int code = this.country == null ? 0 : NUMBERS.getCountryCodeForRegion(this.country);
    if (this.country != null && code == 0) {
      throw new IllegalArgumentException(
          "no country '" + country + "' (allowed: an ISO 3166-1 code such as US, or none)");
    }
    this.callingCode = String.valueOf(code);
  }

  /** The default country, or {@link #NONE}. */
  public String country() {
    return country == null ? NONE : country;
  }

  /** How many ids have been rewritten. */
  public long rewritten() {
    return rewritten.get();
  }

  /**
   * The one form of an id.
   *
   * @param key the record's key, or null
   * @return the same string if there is nothing to rewrite
   */
  public String canonical(String id, byte[] key) {
    String canonical = find(id, key);
    if (canonical == null || canonical.equals(id)) {
      return id;
    }
    rewritten.incrementAndGet();
    return canonical;
  }

  private String find(String id, byte[] key) {
    char first = id.isEmpty() ? 'x' : id.charAt(0);
    boolean number = first == '+' || first == '(' || (first >= '0' && first <= '9');
    if (number && E164.matcher(id).matches()) {
      return id;
    }
    if (!number && first > ' ' && first < 128 && id.indexOf(":+") < 0) {
      return null;
    }
    String text = SCHEME.matcher(plain(id).strip()).replaceFirst("");
    if (!WRITTEN.matcher(text).matches()) {
      return null;
    }
    if (text.startsWith("+")) {
      return international(text);
    }
    text = WHOLE.matcher(text).replaceFirst("$1");
    String digits = digits(text);
    String plus = "+" + digits;
    if (key != null && plus.equals(new String(key, StandardCharsets.UTF_8))) {
      return E164.matcher(plus).matches() ? plus : null;
    }
    return country == null ? null : national(text, digits);
  }

  private static String international(String text) {
    try {
      PhoneNumber parsed = NUMBERS.parse(text, null);
      // Also resolves the (0) that some countries write behind the calling code.
      if (NUMBERS.isValidNumber(parsed)) {
        return NUMBERS.format(parsed, PhoneNumberFormat.E164);
      }
    } catch (NumberParseException e) {
      // Its digits are all that is known.
    }
    String plain = "+" + digits(text);
    return E164.matcher(plain).matches() ? plain : null;
  }

  private String national(String text, String digits) {
    boolean plain = digits.equals(text);
    if (plain && !digits.startsWith(callingCode)) {
      // Digits alone may be anybody's key.
      return null;
    }
    try {
      boolean international = plain || digits.startsWith(INTERNATIONAL);
      PhoneNumber parsed =
          NUMBERS.parse(
              international ? "+" + digits.substring(plain ? 0 : INTERNATIONAL.length()) : text,
              country);
      // Countries that share a calling code write their numbers alike.
      return NUMBERS.isValidNumber(parsed) ? NUMBERS.format(parsed, PhoneNumberFormat.E164) : null;
    } catch (NumberParseException e) {
      return null;
    }
  }

  /**
   * The text without invisible characters, and with the blanks and hyphens of a keyboard: what is
   * copied from an address book has others.
   */
  private static String plain(String id) {
    if (id.chars().allMatch(c -> c < 128)) {
      return id;
    }
    StringBuilder plain = new StringBuilder(id.length());
    id.codePoints()
        .filter(c -> Character.getType(c) != Character.FORMAT)
        .map(c -> Character.getType(c) == Character.DASH_PUNCTUATION ? '-' : c)
        .map(c -> Character.isSpaceChar(c) ? ' ' : c)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static String digits(String text) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        digits.append(text.charAt(i));
      }
    }
    return digits.toString();
  }
}
