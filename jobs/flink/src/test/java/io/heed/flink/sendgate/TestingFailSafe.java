package io.heed.flink.sendgate;

import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.streaming.Input;
import java.util.List;

/** The fail-safe reader of revocations, for tests of other packages. */
public final class TestingFailSafe {
  private static final FailSafe FAIL_SAFE = new FailSafe(ReplyRecogniser.standard());
  private static final TopicCodec CODEC = new TopicCodec();

  private TestingFailSafe() {}

  /** The revocations in a record of a topic, whether or not it can be read. */
  public static List<Revoked> read(Topic topic, byte[] key, byte[] value) {
    return FAIL_SAFE.revocations(Input.decode(CODEC, topic, 0, 0, 1_750_000_000_000L, key, value));
  }
}
