package io.heed.core.codec;

import java.io.DataOutput;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/**
 * Writes values one after the other into a byte array that grows. Integers are varints of 7 bits a
 * byte, low bits first: {@link #writeUnsigned} for what is not negative, {@link #writeSigned} with
 * the sign in the lowest bit (zigzag). A text is the varint of its length in bytes, then UTF-8, so
 * no length is too long. What has to have a fixed width is big-endian.
 *
 * <p>A {@link DataOutput}, so that values with a form over streams can be part of it. Not safe for
 * concurrent use; {@link #clear} makes it ready for the next value and keeps the buffer.
 */
public final class BinaryWriter implements DataOutput {
  private static final int MAX_VARINT_BYTES = 10;

  private byte[] bytes = new byte[256];
  private int length;

  /** Forgets what was written. */
  public void clear() {
    length = 0;
  }

  /** Bytes written so far. */
  public int length() {
    return length;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** The buffer itself, of which the first {@link #length} bytes were written. */
  public byte[] buffer() {
    return bytes;
  }

  /** A number as a varint; a negative one takes ten bytes. */
  public void writeUnsigned(long value) {
    reserve(MAX_VARINT_BYTES);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** A number of either sign as a varint: small ones take few bytes. */
  public void writeSigned(long value) {
    writeUnsigned((value << 1) ^ (value >> 63));
  }

  /** The number of elements that follow. */
  public void writeCount(Collection<?> elements) {
    writeUnsigned(elements.size());
  }

  /** A text that is not null. */
  public void writeText(String text) {
    writeBlock(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A text or null. */
  public void writeNullableText(String text) {
    writeBoolean(text != null);
    if (text != null) {
      writeText(text);
    }
  }

  /** An integer of any size. */
  public void writeInteger(BigInteger value) {
    writeBlock(value.toByteArray());
  }

  /** Bytes with their length before them. */
  public void writeBlock(byte[] block) {
    writeUnsigned(block.length);
    write(block);
  }

  @Override
  public void writeByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  @Override
  public void writeBoolean(boolean value) {
    writeByte(value ? 1 : 0);
  }

  @Override
  public void writeShort(int value) {
    fixed(value, Short.BYTES);
  }

  @Override
  public void writeInt(int value) {
    fixed(value, Integer.BYTES);
  }

  @Override
  public void writeLong(long value) {
    fixed(value, Long.BYTES);
  }

  @Override
  public void writeDouble(double value) {
    writeLong(Double.doubleToLongBits(value));
  }

  @Override
  public void write(int value) {
    writeByte(value);
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  @Override
  public void write(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  private void fixed(long value, int width) {
    reserve(width);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }

  // Forms that nothing here has.

  @Override
  public void writeChar(int value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeFloat(float value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeBytes(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeChars(String text) {
    throw new UnsupportedOperationException();
  }

  /** Refused: it fails for more than 65,535 bytes. {@link #writeText} has no such limit. */
  @Override
  public void writeUTF(String text) {
    throw new UnsupportedOperationException("texts are written by writeText");
  }
}
