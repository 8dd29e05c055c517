package io.heed.core.text;

import io.heed.core.rules.Csv;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVRecord;

/**
 * What is wrong with the text of a promotional message before it is sent: no opt-out instruction,
 * one whose word would not be recognised, no sender's name, links that carriers filter, characters
 * that double its price. A function of its arguments and of the data files beside it.
 */
public final class TextCheck {
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();
  private static final Map<String, Map<Role, Set<String>>> INSTRUCTIONS = new HashMap<>();
  private static final Map<String, String> SHORTENERS = new HashMap<>();
  private static final Map<Integer, String> PLAIN = new HashMap<>();

  /** What vendors accept at most. */
  private static final int MOST_CHARACTERS = 1_600;

  private static final Pattern LINK =
      Pattern.compile("(?i)\\b(?:https?://)?((?:[a-z0-9-]+\\.)+[a-z]{2,})(?=[/?#\\s]|[.,;:!)]|$)");
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{\\{[^}]*}}|\\{%[^%]*%}|\\*\\|[^|]*\\|\\*|%%[^%]*%%|\\[\\[[^]]*]]");

  /** Words, and the sign that stands for "to" in "STOP=end". */
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{So}]+|=");

  private enum Role {
    VERB,
    LINK,
    AFTER
  }

  static {
    for (CSVRecord row : Csv.rows(TextCheck.class, "instructions.csv")) {
      INSTRUCTIONS
          .computeIfAbsent(row.get("language"), language -> new HashMap<>())
          .put(Role.valueOf(row.get("role")), Set.of(row.get("words").split("\\|")));
    }
    for (CSVRecord row : Csv.rows(TextCheck.class, "link-shorteners.csv")) {
      SHORTENERS.put(row.get("domain"), row.get("source"));
    }
    for (CSVRecord row : Csv.rows(TextCheck.class, "plain-characters.csv")) {
      PLAIN.put(row.get("character").codePointAt(0), row.get("plain"));
    }
    PLAIN.put(0xA0, " ");
    PLAIN.put((int) '\t', " ");
  }

  /** How bad a finding is: an error is likely to break a rule or to be filtered. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /**
   * One thing that is wrong.
   *
   * @param message what, and what to do; one line
   */
  public record Finding(Severity severity, String message) {}

  private final String text;
  private final String language;
  private final List<Finding> findings = new ArrayList<>();

  private TextCheck(String text, String language) {
    this.text = text;
    this.language = language;
  }

  /** The languages whose opt-out instructions are known, as ISO 639-1 codes. */
  public static Set<String> languages() {
    return new TreeSet<>(INSTRUCTIONS.keySet());
  }

  /**
   * What is wrong with a text; nothing if the list is empty.
   *
   * @param text of a promotional message, with its placeholders
   * @param sender name that the text has to have in it; null if that is not to be checked
   * @param language of the text, one of {@link #languages}
   */
  public static List<Finding> of(String text, String sender, String language) {
    TextCheck check = new TextCheck(text, language);
    check.sender(sender);
    check.instruction();
    check.links();
    check.length(Segments.of(text));
    check.findings.sort((a, b) -> a.severity().compareTo(b.severity()));
    return List.copyOf(check.findings);
  }

  private void sender(String sender) {
    if (sender != null && !joined(words(text)).contains(joined(words(sender)))) {
      error("the sender is not named: \"%s\" is nowhere in the text".formatted(sender));
    }
  }

  private void instruction() {
    Set<String> found = new TreeSet<>();
    String promised = null;
    for (String each : INSTRUCTIONS.keySet()) {
      String word = instruction(each);
      if (word != null && isOptOut(word)) {
        found.add(each);
      } else if (word != null && each.equals(language)) {
        promised = word;
      }
    }
    if (found.contains(language)) {
      return;
    }
    if (!found.isEmpty()) {
      warning(
          "the opt-out instruction is in another language (%s) than the text (%s)"
              .formatted(String.join(", ", found), language));
    } else if (promised != null) {
      error(
          "the text says to reply \"%s\", which is not recognised as an opt-out: say STOP"
              .formatted(promised));
    } else {
      error("no opt-out instruction: end with words such as \"Reply STOP to opt out\"");
    }
  }

  /**
   * The word that people are asked to reply with: one that is an opt-out, else one in capitals;
   * null if there is none.
   */
  private String instruction(String each) {
    Map<Role, Set<String>> roles = INSTRUCTIONS.get(each);
    List<String> typed = words(text);
    String promised = null;
    for (int i = 0; i < typed.size(); i++) {
      String word = plain(typed.get(i));
      if (roles.get(Role.VERB).contains(word)) {
        int at = i + 1;
        if (at < typed.size() && roles.get(Role.LINK).contains(plain(typed.get(at)))) {
          at++;
        }
        if (at < typed.size() && isOptOut(typed.get(at))) {
          return typed.get(at);
        }
        if (at < typed.size() && isCapitals(typed.get(at))) {
          promised = typed.get(at);
        }
      } else if (i + 1 < typed.size()
          && roles.get(Role.AFTER).contains(plain(typed.get(i + 1)))
          && isOptOut(typed.get(i))) {
        return typed.get(i);
      }
    }
    return promised;
  }

  private static boolean isOptOut(String word) {
    return RECOGNISER.recognise(word).kind() == ReplyIntent.Kind.OPT_OUT;
  }

  private static boolean isCapitals(String word) {
    return word.length() > 1 && word.chars().allMatch(Character::isUpperCase);
  }

  private void links() {
    Matcher link = LINK.matcher(text);
    Set<String> seen = new HashSet<>();
    while (link.find()) {
      String domain = link.group(1).toLowerCase(Locale.ROOT).replaceFirst("^www\\.", "");
      String source = SHORTENERS.get(domain);
      if (source != null && seen.add(domain)) {
        error(
            "%s is a public link shortener, which carriers filter: use a domain of your own (%s)"
                .formatted(domain, source));
      }
    }
  }

  private void length(Segments segments) {
    if (segments.units() == 0) {
      error("the text is empty");
    }
    Map<Integer, List<Integer>> places = new LinkedHashMap<>();
    segments
        .beyondGsm()
        .forEach(
            c -> places.computeIfAbsent(c.codePoint(), key -> new ArrayList<>()).add(c.index()));
    places.forEach(
        (character, at) -> {
          String plain = PLAIN.get(character);
          warning(
              "%s (U+%04X, character %s) is not in the GSM alphabet, so the text is UCS-2 with 70 or"
                      .formatted(shown(character), character, numbers(at))
                  + " 67 characters a segment"
                  + (plain == null ? "" : ": \"" + plain + "\" would do"));
        });
    if (text.codePointCount(0, text.length()) > MOST_CHARACTERS) {
      error("more than %,d characters, which vendors refuse".formatted(MOST_CHARACTERS));
    }
    Matcher placeholder = PLACEHOLDER.matcher(text);
    if (placeholder.find()) {
      warning(
          "%s is replaced for each recipient: the segments are those of the text as it stands"
              .formatted(placeholder.group()));
    }
  }

  private static String numbers(List<Integer> at) {
    int most = 5;
    String first =
        String.join(", ", at.stream().limit(most).map(i -> Integer.toString(i)).toList());
    return at.size() <= most ? first : first + " and " + (at.size() - most) + " more";
  }

  private static String shown(int character) {
    return Character.isWhitespace(character)
            || Character.isISOControl(character)
            || character == 0xA0
        ? "a space or control character"
        : Character.toString(character);
  }

  private static List<String> words(String text) {
    return WORD.matcher(Normalizer.normalize(text, Normalizer.Form.NFC))
        .results()
        .map(match -> match.group())
        .toList();
  }

  private static String joined(List<String> words) {
    return String.join("", words.stream().map(TextCheck::plain).toList());
  }

  /** Lower case without accents. */
  private static String plain(String word) {
    return Normalizer.normalize(word, Normalizer.Form.NFD)
        .replaceAll("\\p{M}", "")
        .toLowerCase(Locale.ROOT)
        .replace('ł', 'l');
  }

  private void error(String message) {
    findings.add(new Finding(Severity.ERROR, message));
  }

  private void warning(String message) {
    findings.add(new Finding(Severity.WARNING, message));
  }
}
