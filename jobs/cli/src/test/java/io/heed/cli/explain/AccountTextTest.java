package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.RecipientAccount;
import io.heed.core.gate.RecipientAccount.DecidedRequest;
import io.heed.core.gate.RecipientAccount.KeptVariant;
import io.heed.core.gate.RecipientAccount.KnownMessage;
import io.heed.core.gate.RecipientAccount.KnownTouch;
import io.heed.core.gate.RecipientAccount.OptedIn;
import io.heed.core.gate.RecipientAccount.Outcome;
import io.heed.core.gate.RecipientAccount.Place;
import io.heed.core.gate.RecipientAccount.Sunset;
import io.heed.core.gate.RecipientAccount.Suppression;
import io.heed.core.gate.RecipientAccount.Value;
import io.heed.core.gate.RecipientAccount.WaitingReply;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.flink.sendgate.SavedGate.Found;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountTextTest {
  private static final Instant NOON = Instant.parse("2026-03-02T17:00:00Z");

  private static final RecipientAccount EVERYTHING =
      new RecipientAccount(
          new Place("US-NY", "America/New_York", NOON),
          List.of(
              new Suppression(
                  "list-1",
                  SuppressionState.SUPPRESSED,
                  "WEB",
                  NOON,
                  List.of(ReasonCode.OPTED_OUT))),
          List.of(new OptedIn("list-1", ConsentMethod.WEB, NOON)),
          List.of(new WaitingReply(NOON, true, "KEYWORD")),
          List.of(
              new KnownMessage(
                  NOON, Category.PROMOTIONAL, "list-1", Outcome.OPEN, false, NOON, NOON)),
          List.of(new KnownTouch(NOON, "email")),
          List.of(
              new DecidedRequest(
                  NOON,
                  Verdict.ALLOW,
                  List.of(ReasonCode.WITHIN_POLICY),
                  Category.PROMOTIONAL,
                  "list-1",
                  NOON,
                  NOON,
                  false,
                  "b",
                  2,
                  "m",
                  0.5,
                  Verdict.DEFER,
                  new MessageValue("WANTED", 7, 0.25, 9))),
          List.of(new KeptVariant("x1", "b", 2, NOON)),
          NOON,
          NOON,
          NOON,
          new Sunset(NOON, NOON),
          Map.of(Category.PROMOTIONAL, NOON),
          Map.of(Category.PROMOTIONAL, NOON),
          new Value(3, 1, 0.15, LocalDate.of(2026, 3, 2), LocalDate.of(2026, 3, 1)),
          1);

  /** A field that is added to the account and not to the text is found. */
  @Test
  void showsEveryField() throws Exception {
    List<String> shown = text(EVERYTHING);
    Map<String, Object> variants = variants(EVERYTHING);
    assertThat(variants).hasSizeGreaterThan(50);
    List<String> hidden = new ArrayList<>();
    variants.forEach(
        (path, account) -> {
          if (text((RecipientAccount) account).equals(shown)) {
            hidden.add(path);
          }
        });
    assertThat(hidden).isEmpty();
  }

  private static List<String> text(RecipientAccount account) {
    return AccountText.lines("r", new Found(NOON, account));
  }

  /** The record once for each field within, with another value there, by the field's path. */
  private static Map<String, Object> variants(Object of) throws ReflectiveOperationException {
    Map<String, Object> variants = new LinkedHashMap<>();
    RecordComponent[] parts = of.getClass().getRecordComponents();
    for (int i = 0; i < parts.length; i++) {
      int place = i;
      for (Map.Entry<String, Object> other : others(value(parts[i], of)).entrySet()) {
        variants.put(parts[i].getName() + other.getKey(), with(of, parts, place, other.getValue()));
      }
    }
    return variants;
  }

  private static Object value(RecordComponent part, Object of) throws ReflectiveOperationException {
    part.getAccessor().setAccessible(true);
    return part.getAccessor().invoke(of);
  }

  private static Object with(Object of, RecordComponent[] parts, int place, Object value)
      throws ReflectiveOperationException {
    Class<?>[] types = new Class<?>[parts.length];
    Object[] values = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) {
      types[i] = parts[i].getType();
      values[i] = i == place ? value : value(parts[i], of);
    }
    return of.getClass().getDeclaredConstructor(types).newInstance(values);
  }

  private static Map<String, Object> others(Object value) throws ReflectiveOperationException {
    if (value instanceof Record) {
      Map<String, Object> nested = new LinkedHashMap<>();
      variants(value).forEach((path, other) -> nested.put("." + path, other));
      return nested;
    }
    if (value instanceof List<?> list) {
      Map<String, Object> nested = new LinkedHashMap<>();
      others(list.get(0)).forEach((path, other) -> nested.put(path, List.of(other)));
      return nested;
    }
    if (value instanceof Map<?, ?> map) {
      return Map.of("", Map.of(map.keySet().iterator().next(), NOON.plusSeconds(1)));
    }
    Object other =
        value instanceof Instant instant
            ? instant.plusSeconds(1)
            : value instanceof LocalDate day
                ? day.plusDays(1)
                : value instanceof Integer number
                    ? (Object) (number + 1)
                    : value instanceof Long number
                        ? (Object) (number + 1)
                        : value instanceof Double number
                            ? (Object) (number / 2)
                            : value instanceof Boolean flag
                                ? (Object) !flag
                                : value instanceof Enum<?> constant ? next(constant) : value + "x";
    return Map.of("", other);
  }

  private static Object next(Enum<?> constant) {
    Object[] constants = constant.getDeclaringClass().getEnumConstants();
    return constants[(constant.ordinal() + 1) % constants.length];
  }
}
