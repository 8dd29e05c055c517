package io.heed.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BinaryCodecTest {
  private enum Colour {
    RED,
    BLUE
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll long number,
      @ForAll int small,
      @ForAll double fraction,
      @ForAll BigInteger integer,
      @ForAll @Size(max = 20) List<Integer> characters)
      throws IOException {
    String text =
        characters.stream()
            .map(c -> Character.toString(0x20 + Math.floorMod(c, 0xd000)))
            .reduce("", String::concat);
    BinaryWriter out = new BinaryWriter();
    out.writeUnsigned(number);
    out.writeSigned(number);
    out.writeLong(number);
    out.writeInt(small);
    out.writeSigned(small);
    out.writeDouble(fraction);
    out.writeInteger(integer);
    out.writeText(text);
    out.writeNullableText(text);
    out.writeNullableText(null);
    out.writeByte(1);
    byte[] bytes = out.toByteArray();

    BinaryReader in = new BinaryReader(bytes);
    assertThat(in.readUnsigned()).isEqualTo(number);
    assertThat(in.readSigned()).isEqualTo(number);
    assertThat(in.readLong()).isEqualTo(number);
    assertThat(in.readInt()).isEqualTo(small);
    assertThat(in.readSignedInt()).isEqualTo(small);
    assertThat(in.readDouble()).isEqualTo(fraction);
    assertThat(in.readInteger()).isEqualTo(integer);
    assertThat(in.readText()).isEqualTo(text);
    assertThat(in.readNullableText()).isEqualTo(text);
    assertThat(in.readNullableText()).isNull();
    assertThat(in.readConstant(Colour.values())).isEqualTo(Colour.BLUE);
    in.expectEnd();

    for (int cut = 0; cut < bytes.length; cut++) {
      byte[] shorter = Arrays.copyOf(bytes, cut);
      assertThatExceptionOfType(BinaryException.class).isThrownBy(() -> readAll(shorter));
    }
  }

  @Test
  void noLengthOfATextIsTooLong() throws IOException {
    String text = "é".repeat(3_000_000);
    BinaryWriter out = new BinaryWriter();
    out.writeText(text);
    assertThat(new BinaryReader(out.toByteArray()).readText()).isEqualTo(text);
  }

  @Test
  void smallNumbersTakeOneByte() {
    BinaryWriter out = new BinaryWriter();
    for (int i = -64; i < 64; i++) {
      out.writeSigned(i);
      out.writeUnsigned(i + 64L);
    }
    assertThat(out.length()).isEqualTo(256);
  }

  @Test
  void whatAnnouncesMoreThanIsThereTakesNoMemory() {
    BinaryWriter out = new BinaryWriter();
    out.writeUnsigned(Integer.MAX_VALUE);
    byte[] bytes = out.toByteArray();
    assertThatExceptionOfType(BinaryException.class)
        .isThrownBy(() -> new BinaryReader(bytes).readText())
        .withMessageContaining("2147483647 elements in 0 bytes");
    assertThatExceptionOfType(BinaryException.class)
        .isThrownBy(() -> new BinaryReader(bytes).readBlock());
  }

  @Test
  void brokenBytesAreRefusedAndNothingElseHappens() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      try {
        readAll(bytes);
      } catch (BinaryException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
    byte[] tooLong = new byte[11];
    Arrays.fill(tooLong, (byte) 0xff);
    assertThatExceptionOfType(BinaryException.class)
        .isThrownBy(() -> new BinaryReader(tooLong).readUnsigned());
  }

  /** Known values: state that holds hashes must stay readable. */
  @Test
  void theHashIsThatOfEveryRelease() {
    assertThat(Hash64.of("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(Hash64.of("m1")).isNotEqualTo(Hash64.of("m2"));
  }

  private static void readAll(byte[] bytes) throws BinaryException {
    BinaryReader in = new BinaryReader(bytes);
    in.readUnsigned();
    in.readSigned();
    in.readLong();
    in.readInt();
    in.readSignedInt();
    in.readDouble();
    in.readInteger();
    in.readText();
    in.readNullableText();
    in.readNullableText();
    in.readConstant(Colour.values());
    in.expectEnd();
  }
}
