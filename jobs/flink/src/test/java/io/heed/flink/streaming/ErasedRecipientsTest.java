package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Erasure;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.RecordShape;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErasedRecipientsTest {
  private static final KeyedHash KEY =
      new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));
  private static final long ERASED_AT = 1_750_000_000_000L;

  private static Erasure erasure(String recipient) {
    return new Erasure("e-" + recipient, ERASED_AT, recipient, KEY.of(recipient), null);
  }

  private static OptOut optOut(String recipient, long at) {
    return new OptOut("o", at, recipient, "*", OptOutMethod.WEB, null);
  }

  @Test
  void recognisesThePersonByTheHashAlone() {
    ErasedRecipients erased = new ErasedRecipients(KEY, List.of(erasure("ann").done()));
    assertThat(erased.covers(optOut("ann", ERASED_AT))).isTrue();
    assertThat(erased.covers(optOut("ann", ERASED_AT + 1))).as("a new person").isFalse();
    assertThat(erased.covers(optOut("bob", ERASED_AT))).isFalse();
    erased.add(erasure("bob"));
    assertThat(erased.covers(optOut("bob", ERASED_AT))).isTrue();
    assertThat(erased.covers(erasure("bob"))).as("an erasure itself").isFalse();
  }

  /** Every record that names a recipient, also those to come. */
  @Test
  void coversEveryRecordThatNamesARecipient() throws Exception {
    ErasedRecipients erased = new ErasedRecipients(KEY, List.of(erasure("ann")));
    List<String> covered = new ArrayList<>();
    for (Class<?> type :
        Stream.concat(
                Stream.of(Topic.values()).map(Topic::type).filter(each -> each != ResultRow.class),
                TopicCodec.ROWS.values().stream())
            .toList()) {
      RecordShape<?> shape = RecordShape.of(type);
      if (shape.indexOf("recipient_id") >= 0 && type != Erasure.class) {
        assertThat(erased.covers(build(shape))).as("%s", type).isTrue();
        covered.add(type.getSimpleName());
      }
    }
    assertThat(covered).contains("Send", "SuppressionDecision", "AttributionCreditRow").hasSize(15);
  }

  private static Object build(RecordShape<?> shape) {
    Object[] values = new Object[shape.components().size()];
    for (int i = 0; i < values.length; i++) {
      Component each = shape.components().get(i);
      Class<?> type = each.type();
      values[i] =
          each.name().equals("recipient_id")
              ? "ann"
              : type == long.class
                  ? (Object) (ERASED_AT - 1)
                  : type == int.class
                      ? (Object) 1
                      : type == boolean.class ? (Object) false : type == double.class ? 1.0 : null;
    }
    return shape.build(values);
  }

  @Test
  void withoutTheKeyAJobDoesNotStartWhereSomebodyWasErased() {
    assertThat(new ErasedRecipients(null, List.of()).covers(optOut("ann", 0))).isFalse();
    assertThatThrownBy(() -> new ErasedRecipients(null, List.of(erasure("ann"))))
        .hasMessageContaining("--erasure-key");
  }

  @Test
  void theNewestErasureHoldsInWhateverOrderTheyAreRead() {
    Erasure older = erasure("ann").done();
    Erasure newer = new Erasure("e-2", ERASED_AT + 5, null, KEY.of("ann"), null);
    Erasure again = newer.keeping(List.of(new KeptSuppression("*", "WEB", ERASED_AT)));
    for (List<Erasure> read : List.of(List.of(older, newer), List.of(newer, older))) {
      assertThat(new ErasedRecipients(KEY, read).of("ann")).isEqualTo(newer);
    }
    assertThat(new ErasedRecipients(KEY, List.of(newer, again)).of("ann"))
        .as("of one erasure the record that was written last")
        .isEqualTo(again);
  }

  @Test
  void whoWasErasedUnderAnotherKeyIsNotRecognised() {
    Erasure ann = erasure("ann");
    Erasure bob = new Erasure("e-bob", ERASED_AT, "bob", "a hash under another key", null);
    ErasedRecipients erased = new ErasedRecipients(KEY, List.of(ann, bob));
    assertThat(erased.recognises(ann)).isTrue();
    assertThat(erased.recognises(bob)).isFalse();
    assertThat(erased.clears(bob, false)).as("nothing later is known to be theirs").isTrue();
    assertThat(ErasedRecipients.none().recognises(ann)).as("without a key").isFalse();
  }

  @Test
  void aStateThatWasMadeWithTheErasureKnownIsNewer() {
    ErasedRecipients erased = new ErasedRecipients(KEY, List.of(erasure("ann")));
    assertThat(erased.clears(erasure("ann"), false)).isFalse();
    assertThat(erased.clears(erasure("ann"), true)).as("restored from before").isTrue();
    assertThat(erased.clears(erasure("bob"), false)).as("erased now").isTrue();
  }
}
