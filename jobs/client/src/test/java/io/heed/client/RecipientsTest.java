package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.RecipientIds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipientsTest {
  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);

  /** RFC 4231, test case 1. */
  @Test
  void pseudonymsAreHmacSha256() {
    byte[] key = HexFormat.of().parseHex("0b".repeat(20));
    byte[] digest = java.util.Base64.getUrlDecoder().decode(new Pseudonyms(key).of("Hi There"));
    assertThat(HexFormat.of().formatHex(digest))
        .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  }

  @Test
  void aKeyComesFromAFileWithoutItsLineBreak(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("key"), KEY);
    String plain = Pseudonyms.fromFile(file).of("r");
    Files.writeString(file, "0123456789abcdef\r\n");
    assertThat(Pseudonyms.fromFile(file).of("r")).isEqualTo(plain);
    Files.writeString(file, "short\n");
    assertThatThrownBy(() -> Pseudonyms.fromFile(file))
        .hasMessage("a key of 5 bytes: at least 16 are needed");
  }

  @Test
  void everySpellingOfANumberIsOnePerson() {
    Recipients plain = new Recipients("US", null);
    assertThat(plain.onTheWire("(212) 555-0178")).isEqualTo("+12125550178");
    Recipients hashed = new Recipients("US", new Pseudonyms(KEY));
    assertThat(hashed.onTheWire("tel:+1-212-555-0178"))
        .isEqualTo(hashed.onTheWire("+12125550178"))
        .isNotEqualTo(hashed.onTheWire("+12125550179"))
        .doesNotContain("2125550178");
    OptOut event = new OptOut("e", 1, "12125550178", "*", OptOutMethod.WEB, null);
    assertThat(hashed.onTheWire(event))
        .isEqualTo(
            new OptOut("e", 1, hashed.onTheWire("+12125550178"), "*", OptOutMethod.WEB, null));
  }

  /** Else the jobs would make another id of it. */
  @Property
  void noPseudonymIsTakenForANumber(@ForAll String id) {
    String pseudonym = new Pseudonyms(KEY).of(id);
    assertThat(pseudonym).hasSize(43);
    assertThat(new RecipientIds("US").canonical(pseudonym, null)).isEqualTo(pseudonym);
  }

  @Property
  void partitionsAreThoseOfKafkasDefaultPartitioner(
      @ForAll String id, @ForAll @IntRange(min = 1, max = 100) int partitions) {
    assertThat(Recipients.partition(id, partitions))
        .isEqualTo(
            BuiltInPartitioner.partitionForKey(id.getBytes(StandardCharsets.UTF_8), partitions));
  }
}
