package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Category;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalDecisionsTest {
  private static final long NOW = 1_760_000_000_000L;
  private static final int PARTITIONS = 64;
  private static final Pseudonyms KEY =
      new Pseudonyms("a key of the tests".getBytes(StandardCharsets.UTF_8));

  /** Topic and partition that were read to their end. */
  private final Set<String> complete = new HashSet<>();

  private int partitions = PARTITIONS;
  private final LocalDecisions plain = decisions(null);
  private final LocalDecisions keyed = decisions(KEY);

  @Test
  void nothingIsOpenBeforeAllSuppressionsWereRead() {
    beat(plain, "r");
    assertThat(plain.isOpen("r", "l")).as("a STOP may not have been read yet").isFalse();
    assertThat(look(plain)).isEqualTo(LocalDecision.STALE);
    complete(Topic.SUPPRESSION, "r");
    assertThat(plain.isOpen("r", "l")).isTrue();
    assertThat(look(plain)).as("caps are not known").isEqualTo(LocalDecision.STALE);
    complete(Topic.FREQUENCY_CAP, "r");
    assertThat(look(plain)).isEqualTo(LocalDecision.OPEN);
    partitions = 0;
    assertThat(plain.isOpen("r", "l")).isFalse();
    assertThat(look(plain)).isEqualTo(LocalDecision.STALE);
  }

  @Test
  void withoutAHeartbeatNothingIsOpen() {
    complete(Topic.SUPPRESSION, "r");
    complete(Topic.FREQUENCY_CAP, "r");
    assertThat(plain.isOpen("r", "l")).isFalse();
    assertThat(look(plain)).isEqualTo(LocalDecision.STALE);
  }

  @Test
  void ofWhoMayBeErasedTheHashsPartitionIsReadAsWell() {
    assertThat(partition(KEY.of("r"))).isNotEqualTo(partition("r"));
    beat(keyed, "r");
    complete(Topic.SUPPRESSION, "r");
    assertThat(keyed.isOpen("r", "l")).isFalse();
    complete(Topic.SUPPRESSION, KEY.of("r"));
    assertThat(keyed.isOpen("r", "l")).isTrue();
  }

  @Test
  void aListThatAnErasedPersonStoppedStaysClosed() {
    beat(keyed, "r");
    for (String id : List.of("r", KEY.of("r"))) {
      complete(Topic.SUPPRESSION, id);
      complete(Topic.FREQUENCY_CAP, id);
    }
    take(keyed, suppression(KEY.of("r"), "l", SuppressionState.SUPPRESSED));
    take(keyed, suppression("r", "*", SuppressionState.ALLOWED));
    assertThat(look(keyed)).isEqualTo(LocalDecision.SUPPRESSED);
    assertThat(keyed.isOpen("r", "l")).isFalse();
    take(keyed, suppression("r", "l", SuppressionState.ALLOWED));
    assertThat(look(keyed)).isEqualTo(LocalDecision.OPEN);
  }

  @Test
  void whatCannotBeReadSuppresses() {
    beat(plain, "r");
    complete(Topic.SUPPRESSION, "r");
    plain.take(Topic.SUPPRESSION, bytes("r|*"), bytes("{}"), NOW);
    assertThat(plain.isOpen("r", "l")).isFalse();
    plain.take(Topic.SUPPRESSION, bytes("r|*"), null, NOW);
    assertThat(plain.isOpen("r", "l")).isTrue();
  }

  @Test
  void itIsReadyOnceEveryPartitionIs() {
    partitions = 2;
    beat(plain, 0);
    complete.add("SUPPRESSION 0");
    beat(plain, 1);
    assertThat(plain.isReady()).isFalse();
    complete.add("SUPPRESSION 1");
    assertThat(plain.isReady()).isTrue();
    partitions = 0;
    assertThat(plain.isReady()).isFalse();
  }

  private LocalDecisions decisions(Pseudonyms key) {
    return new LocalDecisions(
        Duration.ofSeconds(60),
        key,
        () -> partitions,
        (topic, partition) -> complete.contains(topic + " " + partition) ? 0 : Long.MIN_VALUE / 2,
        () -> NOW,
        () -> 0);
  }

  private static LocalDecision look(LocalDecisions decisions) {
    return decisions.lookUp(Category.PROMOTIONAL, "r", "l");
  }

  private void complete(Topic topic, String id) {
    complete.add(topic + " " + partition(id));
  }

  private static int partition(String id) {
    return Recipients.partition(id, PARTITIONS);
  }

  private static void beat(LocalDecisions decisions, String id) {
    beat(decisions, partition(id));
  }

  private static void beat(LocalDecisions decisions, int partition) {
    Heartbeat heartbeat = new Heartbeat(partition, NOW, true, NOW, "gate", 1L);
    decisions.take(Topic.HEARTBEAT, null, JsonCodec.of(Heartbeat.class).write(heartbeat), NOW);
  }

  private static void take(LocalDecisions decisions, SuppressionDecision decision) {
    byte[] value = JsonCodec.of(SuppressionDecision.class).write(decision);
    decisions.take(Topic.SUPPRESSION, bytes(decision.key()), value, NOW);
  }

  private static SuppressionDecision suppression(
      String recipient, String scope, SuppressionState state) {
    return new SuppressionDecision(
        "d", 1, 1, List.of(), 1, null, recipient, scope, state, "WEB", 1, null);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
