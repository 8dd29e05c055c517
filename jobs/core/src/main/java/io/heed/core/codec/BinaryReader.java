package io.heed.core.codec;

import java.io.DataInput;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a {@link BinaryWriter} wrote. Nothing is taken from the bytes on trust: whatever is
 * cut off, or announces more than is there, is a {@link BinaryException}, and no more memory is
 * taken than the bytes themselves have.
 */
public final class BinaryReader implements DataInput {
  private final byte[] bytes;
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
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = readByte();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        // The tenth byte has room for one bit.
        if (shift == 63 && next > 1) {
          break;
        }
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

  /** A constant by its place among all of them. */
  public <E> E readConstant(E[] constants) throws BinaryException {
    int index = readByte();
    if (index < 0 || index >= constants.length) {
      throw new BinaryException("no constant " + index + " of " + constants.length);
    }
    return constants[index];
  }

  /** What {@link BinaryWriter#writeText} wrote. */
  public String readText() throws BinaryException {
    int count = readCount();
    String text = new String(bytes, position, count, StandardCharsets.UTF_8);
    position += count;
    return text;
  }

  /** What {@link BinaryWriter#writeNullableText} wrote. */
  public String readNullableText() throws BinaryException {
    return readBoolean() ? readText() : null;
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
    byte[] block = new byte[readCount()];
    readFully(block);
    return block;
  }

  @Override
  public byte readByte() throws BinaryException {
    take(1);
    return bytes[position++];
  }

  @Override
  public int readUnsignedByte() throws BinaryException {
    return readByte() & 0xff;
  }

  /** Anything but 0 and 1 is refused. */
  @Override
  public boolean readBoolean() throws BinaryException {
    byte value = readByte();
    if (value != 0 && value != 1) {
      throw new BinaryException("neither true nor false: " + value);
    }
    return value == 1;
  }

  @Override
  public short readShort() throws BinaryException {
    return (short) fixed(Short.BYTES);
  }

  @Override
  public int readUnsignedShort() throws BinaryException {
    return (int) fixed(Short.BYTES);
  }

  @Override
  public int readInt() throws BinaryException {
    return (int) fixed(Integer.BYTES);
  }

  @Override
  public long readLong() throws BinaryException {
    return fixed(Long.BYTES);
  }

  @Override
  public double readDouble() throws BinaryException {
    return Double.longBitsToDouble(readLong());
  }

  @Override
  public void readFully(byte[] target) throws BinaryException {
    readFully(target, 0, target.length);
  }

  @Override
  public void readFully(byte[] target, int from, int count) throws BinaryException {
    take(count);
    System.arraycopy(bytes, position, target, from, count);
    position += count;
  }

  @Override
  public int skipBytes(int count) {
    int skipped = Math.max(0, Math.min(count, remaining()));
    position += skipped;
    return skipped;
  }

  private long fixed(int width) throws BinaryException {
    take(width);
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | (bytes[position++] & 0xff);
    }
    return value;
  }

  private void take(int count) throws BinaryException {
    if (count > end - position) {
      throw new BinaryException(
          "cut off: " + count + " bytes are needed, " + remaining() + " left");
    }
  }

  // Forms that nothing here has.

  @Override
  public char readChar() {
    throw new UnsupportedOperationException();
  }

  @Override
  public float readFloat() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String readLine() {
    throw new UnsupportedOperationException();
  }

  /** Refused, as {@link BinaryWriter#writeUTF} is. */
  @Override
  public String readUTF() {
    throw new UnsupportedOperationException("texts are read by readText");
  }
}
