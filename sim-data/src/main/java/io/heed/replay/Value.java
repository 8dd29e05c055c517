package io.heed.replay;

import io.heed.core.config.ConfigNode;
import io.heed.core.model.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a mapping makes one text of a row. An empty text is an absent field. */
sealed interface Value {

  /** A number in the notation that spreadsheets give long ones: 1.21256E+10. */
  Pattern SPOILT = Pattern.compile("[+-]?\\d([.,]\\d+)?[eE]\\+?\\d{1,3}");

  /** What makes a spreadsheet leave a number alone: {@code '+1212...} or {@code ="+1212..."}. */
  Pattern TEXT_MARK = Pattern.compile("'([+\\d].*)|=\"(.*)\"");

  String in(Scope scope) throws RowException;

  /** The names that it reads, for messages. */
  String reads();

  /** Whether it is the same for every row. */
  default boolean isConstant() {
    return reads().isEmpty();
  }

  static Value read(ConfigNode node, Names names) {
    if (!node.isObject()) {
      return template(node, names);
    }
    return node.has("micros") ? Micros.read(node, names) : Lookup.read(node, names);
  }

  /** A text in which {@code {name}} stands for what the name stands for. */
  static Template template(ConfigNode node, Names names) {
    String text = node.text();
    List<String> literals = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    Set<String> reads = new LinkedHashSet<>();
    Matcher name = Template.NAME.matcher(text);
    int end = 0;
    while (name.find()) {
      literals.add(text.substring(end, name.start()));
      slots.add(names.slot(name.group(1), node));
      reads.add(name.group(1));
      end = name.end();
    }
    literals.add(text.substring(end));
    if (literals.stream().anyMatch(literal -> literal.matches("(?s).*[{}].*"))) {
      node.error("a brace without its other half", "{name} for a column or a value");
    }
    return new Template(
        List.copyOf(literals),
        slots.stream().mapToInt(Integer::intValue).toArray(),
        String.join(", ", reads));
  }

  /** A whole number that is not negative, and at most {@code most}. */
  static long integer(Value value, Scope scope, long most) throws RowException {
    String text = value.in(scope);
    BigDecimal number = decimal(value, text);
    BigDecimal whole = number.stripTrailingZeros();
    if (whole.signum() < 0 || whole.scale() > 0 || whole.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw new RowException(
          value.reads(),
          "'" + RowException.shorten(text) + "'",
          "a whole number from 0 to " + most);
    }
    return whole.longValueExact();
  }

  /**
   * An id as it was given, without the mark by which a spreadsheet keeps it as text.
   *
   * @throws RowException for one that a spreadsheet has turned into a rounded number
   */
  static String id(Value value, String text) throws RowException {
    if (SPOILT.matcher(text).matches()) {
      throw new RowException(
          value.reads(),
          "'" + text + "' is a number that a spreadsheet has rounded; its digits are lost",
          "the number as text: export it again, and set the column to text before saving");
    }
    Matcher marked = TEXT_MARK.matcher(text);
    if (!marked.matches()) {
      return text;
    }
    return marked.group(1) != null ? marked.group(1) : marked.group(2);
  }

  /** A decimal number of a size that is safe to compute with. */
  static BigDecimal decimal(Value value, String text) throws RowException {
    BigDecimal number = Decimals.parse(text);
    if (number != null) {
      return number;
    }
    throw new RowException(
        value.reads(),
        text.isEmpty() ? "empty" : "'" + RowException.shorten(text) + "' is not a number",
        "a decimal number such as 29.99");
  }

  /** Text around {@code slots.length} names. */
  final class Template implements Value {
    private static final Pattern NAME = Pattern.compile("\\{([^{}]+)\\}");

    private final List<String> literals;
    private final int[] slots;
    private final String reads;

    private Template(List<String> literals, int[] slots, String reads) {
      this.literals = literals;
      this.slots = slots;
      this.reads = reads;
    }

    @Override
    public String in(Scope scope) {
      if (slots.length == 0) {
        return literals.get(0);
      }
      if (slots.length == 1 && literals.get(0).isEmpty() && literals.get(1).isEmpty()) {
        return scope.texts[slots[0]];
      }
      StringBuilder text = new StringBuilder(64).append(literals.get(0));
      for (int i = 0; i < slots.length; i++) {
        text.append(scope.texts[slots[i]]).append(literals.get(i + 1));
      }
      return text.toString();
    }

    @Override
    public String reads() {
      return reads;
    }
  }

  /** A text for each text. */
  record Lookup(Value of, Map<String, String> map, String otherwise) implements Value {

    static Lookup read(ConfigNode node, Names names) {
      return new Lookup(
          template(node.required("of"), names),
          node.required("map").map(ConfigNode::text),
          node.optional("otherwise").map(ConfigNode::text).orElse(null));
    }

    @Override
    public String in(Scope scope) throws RowException {
      String key = of.in(scope);
      String text = map.getOrDefault(key, otherwise);
      if (text == null) {
        throw new RowException(
            reads(),
            "'" + RowException.shorten(key) + "' is not in the map",
            String.join(", ", new TreeSet<>(map.keySet())));
      }
      return text;
    }

    @Override
    public String reads() {
      return of.reads();
    }
  }

  /**
   * An amount of money in micros.
   *
   * @param of the amount
   * @param unit what one of it is worth, such as 0.01 for cents
   * @param round whether what lies below a micro is rounded half to even, instead of refused
   * @param negate whether the sign is turned: a vendor's bill has its prices below zero
   * @param strip characters that are left out, such as currency signs and separators of thousands
   * @param split whether the journeys of the row share it evenly: the first ones get the micros
   *     that are left over, so that the shares sum to the amount
   */
  record Micros(
      Value of, BigDecimal unit, boolean round, boolean split, boolean negate, String strip)
      implements Value {
    private static final int SCALE = 6;

    static Micros read(ConfigNode node, Names names) {
      return new Micros(
          template(node.required("micros"), names),
          node.optional("unit").map(n -> n.decimal("0.000001", "1000000")).orElse(BigDecimal.ONE),
          node.optional("round").map(ConfigNode::bool).orElse(false),
          node.optional("split").map(ConfigNode::bool).orElse(false),
          node.optional("negate").map(ConfigNode::bool).orElse(false),
          node.optional("strip").map(ConfigNode::text).orElse(""));
    }

    /** The text without the characters of {@code strip}, and without blanks where it has any. */
    private String stripped(String text) {
      if (strip.isEmpty()) {
        return text;
      }
      StringBuilder kept = new StringBuilder(text.length());
      text.codePoints()
          .filter(c -> strip.indexOf(c) < 0 && !Character.isSpaceChar(c))
          .forEach(kept::appendCodePoint);
      return kept.toString();
    }

    @Override
    public String in(Scope scope) throws RowException {
      String text = stripped(of.in(scope));
      if (text.isEmpty()) {
        return text;
      }
      BigDecimal given = Value.decimal(of, text);
      BigDecimal amount = (negate ? given.negate() : given).multiply(unit).movePointRight(SCALE);
      try {
        long micros =
            amount
                .setScale(0, round ? RoundingMode.HALF_EVEN : RoundingMode.UNNECESSARY)
                .longValueExact();
        return Long.toString(split ? share(micros, scope) : micros);
      } catch (ArithmeticException e) {
        throw new RowException(
            reads(),
            "'" + RowException.shorten(text) + "' is no whole number of micros",
            "an amount with at most 6 decimal places"
                + (BigInteger.ONE.equals(unit.toBigInteger()) ? "" : ", times " + unit));
      }
    }

    private static long share(long micros, Scope scope) {
      long even = Math.floorDiv(micros, scope.count);
      return even + (scope.number <= Math.floorMod(micros, scope.count) ? 1 : 0);
    }

    @Override
    public String reads() {
      return of.reads();
    }
  }
}
