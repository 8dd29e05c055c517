package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.TopicCodec;
import org.junit.jupiter.api.Test;

class InputTest {
  @Test
  void aFaultOfTheCodecMakesADeadLetterAndStopsNothing() {
    // The codec knows no such topic, a fault that no record can cause.
    Input input =
        Input.decode(new TopicCodec(), null, 0, 7, 1_750_000_000_000L, null, new byte[] {1});
    assertThat(input.content()).isNull();
    assertThat(input.unreadable()).isEqualTo("cannot be decoded: NullPointerException");
    assertThat(input.value()).containsExactly(1);
  }
}
