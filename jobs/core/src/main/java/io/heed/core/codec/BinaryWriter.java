package io.heed.core.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/**
 * Writes values one after the other into a byte array that grows. Integers are varints of 7 bits a
 * byte, low bits first: {@link #writeUnsigned} for what is not negative, {@link #writeSigned} with
 * the sign in the lowest bit (zigzag). A text is the varint of its length in bytes, then UTF-8, so
 * no length is too long. What has to have a fixed width is big-endian.
 *
 * <p>Not safe for concurrent use; {@link #clear} makes it ready for the next value and keeps the
 * buffer.
 */
public class BinaryWriter {
  static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int MAX_VARINT_BYTES = 10;

  private byte[] bytes = new byte[256];
  private int length;

  /** Starts with no bytes. */
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
    // In local variables, which the compiler keeps in registers.
    byte[] target = bytes;
    int at = length;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[at++] = (byte) rest;
    length = at;
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

  /** A text or null: the length in bytes and one more, or 0. */
  public void writeNullableText(String text) {
    if (text == null) {
      writeUnsigned(0);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    writeUnsigned(utf8.length + 1L);
    write(utf8, 0, utf8.length);
  }

  /** An integer of any size. */
  public void writeInteger(BigInteger value) {
    writeBlock(value.toByteArray());
  }

  /** Bytes with their length before them. */
  public void writeBlock(byte[] block) {
    writeUnsigned(block.length);
    write(block, 0, block.length);
  }

  public void writeByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  public void writeBoolean(boolean value) {
    writeByte(value ? 1 : 0);
  }

  public void writeInt(int value) {
    reserve(Integer.BYTES);
    INTS.set(bytes, length, value);
    length += Integer.BYTES;
  }

  public void writeLong(long value) {
    reserve(Long.BYTES);
    LONGS.set(bytes, length, value);
    length += Long.BYTES;
  }

  public void writeDouble(double value) {
    writeLong(Double.doubleToLongBits(value));
  }

  /** Bytes as they are. */
  public void write(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }
}
