package io.heed.core.gate;

import io.heed.core.codec.BinaryException;

/** Gives other packages' tests the form of a recipient's state. */
public final class TestingStateCodec {
  private static final StateCodec CODEC = new StateCodec();

  private TestingStateCodec() {}

  /** Reads a state and writes it again. */
  public static byte[] again(byte[] state) throws BinaryException {
    return CODEC.write(CODEC.read(state));
  }
}
