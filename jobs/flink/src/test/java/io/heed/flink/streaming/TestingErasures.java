package io.heed.flink.streaming;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.KeyedHash;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A deployment with a key, in which nobody was erased yet, and erasures in it. */
public class TestingErasures implements KnownVersions {
  private static final long serialVersionUID = 1L;
  private static final KeyedHash KEY =
      new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));

  @Override
  public List<ConfigVersion> get() {
    return List.of();
  }

  @Override
  public ErasedRecipients erased() {
    return new ErasedRecipients(KEY, List.of());
  }

  /** The request that erases a recipient. */
  public static Erasure of(String recipient, long at) {
    return new Erasure("e-" + recipient + at, at, recipient, KEY.of(recipient), null);
  }
}
