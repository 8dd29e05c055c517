package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import org.junit.jupiter.api.Test;

class InputTest {
  @Test
  void aFaultOfTheCodecMakesADeadLetterAndStopsNothing() {
    // There is no codec at all, which is the worst of faults.
    Input input = Input.decode(null, Topic.REPLY, 0, 7, 1_750_000_000_000L, null, new byte[] {1});
    assertThat(input.content()).isNull();
    assertThat(input.unreadable()).isEqualTo("cannot be decoded: NullPointerException");
    assertThat(input.value()).containsExactly(1);
  }
}
