package io.heed.core.codec;

import java.io.IOException;

/**
 * Bytes that are not what a {@link BinaryWriter} wrote: cut off, too long, or of another format.
 */
public final class BinaryException extends IOException {
  private static final long serialVersionUID = 1L;

  public BinaryException(String message) {
    super(message);
  }

  public BinaryException(String message, Throwable cause) {
    super(message, cause);
  }
}
