package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/**
 * The model that tests of other modules decide by, as a file, for they do not see these classes.
 */
class SharedModelTest {
  private static final Path FILE = Path.of("src/test/resources/documents/value-model.base64");

  /** With {@code -Dheed.states.write=true} it is written again. */
  @Test
  void theFileHoldsTheModelOfTheseTests() throws Exception {
    BinaryWriter out = new BinaryWriter();
    TestingModel.of(2_000_000).write(out);
    String tables = Base64.getMimeEncoder().encodeToString(out.toByteArray()) + "\n";
    if (Boolean.getBoolean("heed.states.write")) {
      Files.writeString(FILE, tables);
    }
    assertThat(Files.readString(FILE)).isEqualToNormalizingNewlines(tables);
  }
}
