package io.heed.core.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a {@link BinaryWriter} wrote. Nothing is taken from the bytes on trust: whatever is
 * cut off, or announces more than is there, is a {@link BinaryException}, and no more memory is
 * taken than the bytes themselves have.
 */
public class BinaryReader {
  /**
   * Reads a value.
   *
   * @param <R> the reader
   * @param <T> the value
   */
  @FunctionalInterface
  public interface Form<R extends BinaryReader, T> {
    T read(R in) throws BinaryException;
  }

  final byte[] bytes;
  private final int end;
  private int position;

  public BinaryReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code count} bytes from {@code from} on. */
  public BinaryReader(byte[] bytes, int from, int count) {
    this.bytes = bytes;
    this.position = from;
    this.end = from + count;
  }

  /**
   * Reads one value that takes all the bytes. Values refuse what they cannot be with {@link
   * IllegalArgumentException}; here alone that becomes what it means: the bytes are broken.
   */
  public static <R extends BinaryReader, T> T whole(R in, Form<? super R, T> form)
      throws BinaryException {
    try {
      T value = form.read(in);
      in.expectEnd();
      return value;
    } catch (IllegalArgumentException e) {
      throw new BinaryException("no such value: " + e.getMessage(), e);
    }
  }

  /** Index of the next byte. */
  public int position() {
    return position;
  }

  /** Bytes that are left. */
  public int remaining() {
    return end - position;
  }

  /** Refuses bytes that follow the value. */
  public void expectEnd() throws BinaryException {
    if (position != end) {
      throw new BinaryException(remaining() + " bytes too many");
    }
  }

  /** Reads a format's number, which must be the one that is known. */
  public void expectFormat(String what, int known) throws BinaryException {
    int format = readByte();
    if (format != known) {
      throw new BinaryException(what + " has unknown format " + format);
    }
  }

  /** What {@link BinaryWriter#writeUnsigned} wrote. */
  public long readUnsigned() throws BinaryException {
    byte first = readByte();
    return first >= 0 ? first : readUnsigned(first & 0x7fL);
  }

  private long readUnsigned(long lowest) throws BinaryException {
    int at = position;
    long value = lowest;
    for (int shift = 7; shift < Long.SIZE; shift += 7) {
      if (at == end) {
        throw cutOff(1);
      }
      byte next = bytes[at++];
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        // The tenth byte has room for one bit.
        if (shift == 63 && next > 1) {
          break;
        }
        position = at;
        return value;
      }
    }
    throw new BinaryException("a number of more than 64 bits");
  }

  /** What {@link BinaryWriter#writeSigned} wrote. */
  public long readSigned() throws BinaryException {
    long bits = readUnsigned();
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** A number that was not negative and fits 32 bits. */
  public int readUnsignedInt() throws BinaryException {
    long value = readUnsigned();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new BinaryException("a number of more than 31 bits");
    }
    return (int) value;
  }

  /** A number of either sign that fits 32 bits. */
  public int readSignedInt() throws BinaryException {
    long value = readSigned();
    if (value != (int) value) {
      throw new BinaryException("a number of more than 32 bits");
    }
    return (int) value;
  }

  /** The number of elements that follow, each of at least one byte. */
  public int readCount() throws BinaryException {
    int count = readUnsignedInt();
    if (count > remaining()) {
      throw new BinaryException(count + " elements in " + remaining() + " bytes");
    }
    return count;
  }

  /** An index below a size. */
  public int readIndex(int size) throws BinaryException {
    int index = readUnsignedInt();
    if (index >= size) {
      throw new BinaryException("index " + index + " of " + size);
    }
    return index;
  }

  /** A constant by its place among all of them. */
  public <E> E readConstant(E[] constants) throws BinaryException {
    return constant(constants, readByte());
  }

  /** A constant whose place was part of something else. */
  public static <E> E constant(E[] constants, int index) throws BinaryException {
    if (index < 0 || index >= constants.length) {
      throw new BinaryException("no constant " + index + " of " + constants.length);
    }
    return constants[index];
  }

  /** What {@link BinaryWriter#writeText} wrote. */
  public String readText() throws BinaryException {
    return text(readCount());
  }

  /** What {@link BinaryWriter#writeNullableText} wrote. */
  public String readNullableText() throws BinaryException {
    int announced = readUnsignedInt();
    return announced == 0 ? null : text(announced - 1);
  }

  private String text(int count) throws BinaryException {
    return new String(bytes, skip(count), count, StandardCharsets.UTF_8);
  }

  /** Passes over bytes; gives the index of the first. */
  public int skip(int count) throws BinaryException {
    take(count);
    position += count;
    return position - count;
  }

  /** What {@link BinaryWriter#writeInteger} wrote. */
  public BigInteger readInteger() throws BinaryException {
    byte[] block = readBlock();
    if (block.length == 0) {
      throw new BinaryException("an integer without bytes");
    }
    return new BigInteger(block);
  }

  /** What {@link BinaryWriter#writeBlock} wrote. */
  public byte[] readBlock() throws BinaryException {
    return bytes(readCount());
  }

  /** The bytes that are left. */
  public byte[] readRest() throws BinaryException {
    return bytes(remaining());
  }

  private byte[] bytes(int count) throws BinaryException {
    int from = skip(count);
    return Arrays.copyOfRange(bytes, from, position);
  }

  public byte readByte() throws BinaryException {
    take(1);
    return bytes[position++];
  }

  public int readUnsignedByte() throws BinaryException {
    return readByte() & 0xff;
  }

  /** Anything but 0 and 1 is refused. */
  public boolean readBoolean() throws BinaryException {
    byte value = readByte();
    if (value != 0 && value != 1) {
      throw new BinaryException("neither true nor false: " + value);
    }
    return value == 1;
  }

  public int readInt() throws BinaryException {
    return (int) BinaryWriter.INTS.get(bytes, skip(Integer.BYTES));
  }

  public long readLong() throws BinaryException {
    return (long) BinaryWriter.LONGS.get(bytes, skip(Long.BYTES));
  }

  public double readDouble() throws BinaryException {
    return Double.longBitsToDouble(readLong());
  }

  private void take(int count) throws BinaryException {
    if (count > end - position) {
      throw cutOff(count);
    }
  }

  private BinaryException cutOff(int needed) {
    return new BinaryException(
        "cut off: " + needed + " bytes are needed, " + remaining() + " left");
  }
}
