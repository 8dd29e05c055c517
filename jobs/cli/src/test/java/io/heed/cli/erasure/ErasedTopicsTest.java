package io.heed.cli.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.DeadLetter;
import io.heed.core.model.Erasure;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErasedTopicsTest {
  private static final JsonCodec<SuppressionDecision> SUPPRESSION =
      JsonCodec.of(SuppressionDecision.class);
  private static final KeyedHash KEY =
      new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));
  private static final long NOW = 1_796_000_000_000L;
  private static final String PERSON = "+12125550178";
  private static final String OTHER = "+12125550179";
  private static final String HASH = KEY.of(PERSON);

  private final TestingLog log = new TestingLog();

  @Test
  void suppressionsStayUnderTheHashAndNobodyElsesGo() throws Exception {
    append(PERSON, "*", SuppressionState.SUPPRESSED, 10);
    append(PERSON, "open", SuppressionState.ALLOWED, 20);
    append(OTHER, "*", SuppressionState.SUPPRESSED, 10);
    assertThat(forget()).isEqualTo(Map.of("sms.decision.suppression", 2));
    assertThat(log.table(Topic.SUPPRESSION)).containsOnlyKeys(HASH + "|*", OTHER + "|*");
    assertThat(kept()).extracting(KeptSuppression::scope).containsExactly("*");
  }

  @Test
  void aStopThatComesBeforeTheTombstoneIsKept() throws Exception {
    append(PERSON, "list", SuppressionState.ALLOWED, 10);
    ErasedTopics topics = requested();
    log.onceRead(Topic.SUPPRESSION, () -> append(PERSON, "list", SuppressionState.SUPPRESSED, 20));
    topics.finish();
    assertThat(log.table(Topic.SUPPRESSION)).containsOnlyKeys(HASH + "|list");
    assertThat(kept()).containsExactly(new KeptSuppression("list", "KEYWORD", 20));
    assertThat(topics.kept(PERSON)).isEqualTo(kept());
  }

  @Test
  void aStopThatComesLaterStays() throws Exception {
    append(PERSON, "list", SuppressionState.SUPPRESSED, 10);
    ErasedTopics topics = requested();
    log.onceRead(
        Topic.FREQUENCY_CAP, () -> append(PERSON, "list", SuppressionState.SUPPRESSED, 20));
    log.onceRead(
        Topic.SUPPRESSION, () -> append(PERSON, "unknown", SuppressionState.SUPPRESSED, 20));
    topics.finish();
    assertThat(log.table(Topic.SUPPRESSION))
        .containsOnlyKeys(HASH + "|list", PERSON + "|list", PERSON + "|unknown");
  }

  @Test
  void whatCannotBeReadStaysSuppressed() throws Exception {
    log.append(Topic.SUPPRESSION, PERSON + "|list", "{}".getBytes(StandardCharsets.UTF_8));
    forget();
    assertThat(log.table(Topic.SUPPRESSION)).containsOnlyKeys(HASH + "|list");
    assertThat(kept()).containsExactly(new KeptSuppression("list", "UNREADABLE", 1_000));
  }

  @Test
  void whatWasLiftedSinceIsGoneUnderTheHashToo() throws Exception {
    append(PERSON, "list", SuppressionState.SUPPRESSED, 10);
    append(PERSON, "other", SuppressionState.SUPPRESSED, 10);
    forget();
    append(PERSON, "list", SuppressionState.ALLOWED, 20);
    assertThat(forget()).isEqualTo(Map.of("sms.decision.suppression", 2));
    assertThat(log.table(Topic.SUPPRESSION)).containsOnlyKeys(HASH + "|other");
  }

  @Test
  void deadLettersGoHoweverTheyWriteTheNumber() throws Exception {
    letter(1, "{\"to\":\"12125550178\"}");
    letter(2, "To=%2B12125550178");
    letter(3, "To=%2B12125550179");
    assertThat(forget()).isEqualTo(Map.of("sms.dead-letter", 2));
    assertThat(log.table(Topic.DEAD_LETTER)).containsOnlyKeys("webhooks/infobip|0|3");
  }

  private void letter(long offset, String raw) {
    DeadLetter letter =
        DeadLetter.of(
            "unknown", "webhooks/infobip", 0, offset, raw.getBytes(StandardCharsets.UTF_8));
    log.append(Topic.DEAD_LETTER, letter.key(), JsonCodec.of(DeadLetter.class).write(letter));
  }

  private Map<String, Integer> forget() throws Exception {
    return requested().finish();
  }

  private ErasedTopics requested() throws Exception {
    ErasedTopics topics = log.topics(new People(List.of(PERSON), KEY), NOW);
    topics.request(false);
    return topics;
  }

  private List<KeptSuppression> kept() throws Exception {
    Erasure erasure = JsonCodec.of(Erasure.class).read(log.table(Topic.ERASURE).get(HASH));
    assertThat(erasure.recipientId()).isNull();
    return erasure.kept();
  }

  private void append(String recipient, String scope, SuppressionState state, long since) {
    SuppressionDecision decision =
        new SuppressionDecision(
            "d", since, since, List.of(), since, null, recipient, scope, state, "KEYWORD", since,
            null);
    log.append(Topic.SUPPRESSION, decision.key(), SUPPRESSION.write(decision));
  }
}
