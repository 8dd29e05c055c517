package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ErasureTest {
  private static final Erasure ERASURE = new Erasure("e", 1_800_000_000_000L, "r", "hash", null);

  @Test
  void ofEachScopeTheNewestStays() {
    Erasure kept = ERASURE.keeping(List.of(suppressed("deals", 5), suppressed("!", 7)));
    assertThat(kept.keeping(List.of(suppressed("deals", 3), suppressed("!", 9))).kept())
        .containsExactly(suppressed("!", 9), suppressed("deals", 5));
  }

  @Test
  void ofTwoAtOneInstantTheOneThatComesNowStays() {
    KeptSuppression complaint = new KeptSuppression("deals", "COMPLAINT", 5);
    assertThat(ERASURE.keeping(List.of(suppressed("deals", 5))).keeping(List.of(complaint)).kept())
        .containsExactly(complaint);
  }

  @Test
  void whatDoesNotFitIsSuppressedAltogether() {
    int most = Erasure.MAX_SUPPRESSIONS;
    List<KeptSuppression> many =
        IntStream.rangeClosed(0, most).mapToObj(i -> suppressed("!" + i, i)).toList();
    assertThat(ERASURE.keeping(many.subList(0, most)).kept())
        .hasSize(most)
        .doesNotContain(suppressed("*", most - 1));
    assertThat(ERASURE.keeping(many).kept()).hasSize(most).startsWith(suppressed("*", most));
  }

  private static KeptSuppression suppressed(String scope, long since) {
    return new KeptSuppression(scope, "WEB", since);
  }
}
