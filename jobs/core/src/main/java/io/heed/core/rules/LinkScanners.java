package io.heed.core.rules;

import io.heed.core.model.Click;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.commons.csv.CSVRecord;

/**
 * Distinguishes the clicks of link scanners (previews, virus scanners, crawlers) from clicks of
 * people, by {@code link-scanners.csv}: a function of the click, and of the instant of its send
 * where that is known. A click is a scanner's
 *
 * <ul>
 *   <li>if its user agent has one of the file's tokens in it, or
 *   <li>if it has a user agent, and came sooner after its send than a person can read and tap.
 * </ul>
 *
 * <p>Without a user agent the time is no evidence: such clicks come from exports, whose instants
 * are often rounded or made up. Neither is a click before its send, which is two clocks that
 * differ. Safe for concurrent use.
 */
public final class LinkScanners {
  private static final LinkScanners STANDARD = new LinkScanners();
  private static final int CACHE_SIZE = 4_096;

  private final List<String> tokens = new ArrayList<>();
  private final List<String> persons = new ArrayList<>();
  private final long withinMillis;

  // There are few user agents and many clicks. A slot is overwritten by whatever falls into it.
  private final AtomicReferenceArray<Known> known = new AtomicReferenceArray<>(CACHE_SIZE);

  private record Known(String userAgent, boolean scanner) {}

  private LinkScanners() {
    long within = 0;
    for (CSVRecord row : Csv.rows("link-scanners.csv")) {
      String value = row.get("value");
      switch (row.get("kind")) {
        case "AGENT" -> tokens.add(value);
        case "PERSON" -> persons.add(value);
        case "WITHIN_MILLIS" -> within = Long.parseLong(value);
        default -> throw new IllegalStateException("link-scanners.csv: " + row.get("kind"));
      }
    }
    withinMillis = within;
  }

  /** The rule of the data file. */
  public static LinkScanners standard() {
    return STANDARD;
  }

  /** Whether the click is a scanner's by what it says of itself; its send is not known. */
  public boolean isScanner(Click click) {
    return isScanner(click.userAgent());
  }

  /**
   * Whether the click is a scanner's.
   *
   * @param sentAt instant of the send of its message, epoch milliseconds
   */
  public boolean isScanner(Click click, long sentAt) {
    return isScanner(click) || (hasAgent(click) && isTooSoon(click.eventTime() - sentAt));
  }

  /** Whether the click says what made it: then its time is evidence, too. */
  public static boolean hasAgent(Click click) {
    return click.userAgent() != null;
  }

  /** Whether a click this long after its send, with a user agent, came too soon for a person. */
  public boolean isTooSoon(long millisAfterSend) {
    return millisAfterSend >= 0 && millisAfterSend < withinMillis;
  }

  private boolean isScanner(String userAgent) {
    if (userAgent == null) {
      return false;
    }
    int slot = userAgent.hashCode() & (CACHE_SIZE - 1);
    Known before = known.get(slot);
    if (before != null && before.userAgent.equals(userAgent)) {
      return before.scanner;
    }
    boolean scanner = hasToken(userAgent.toLowerCase(Locale.ROOT));
    known.set(slot, new Known(userAgent, scanner));
    return scanner;
  }

  private boolean hasToken(String userAgent) {
    String rest = userAgent;
    for (String person : persons) {
      rest = rest.replace(person, "");
    }
    return tokens.stream().anyMatch(rest::contains);
  }
}
