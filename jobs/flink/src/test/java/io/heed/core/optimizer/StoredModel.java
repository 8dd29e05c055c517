package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * The value model that the tests of core store, for another day and with another value of a click.
 */
public final class StoredModel {
  private static final Path FILE =
      Path.of("../core/src/test/resources/documents/value-model.base64");

  private StoredModel() {}

  /** The model as it would be with that value. */
  public static ValueModel of(int effectiveDay, long valuePerClickMicros) {
    try {
      BinaryReader in =
          new BinaryReader(Base64.getMimeDecoder().decode(Files.readString(FILE).strip()));
      BinaryWriter out = new BinaryWriter();
      out.writeByte(in.readUnsignedByte());
      in.readUnsignedInt();
      out.writeUnsigned(effectiveDay);
      out.writeBoolean(in.readBoolean());
      out.writeByte(in.readUnsignedByte());
      OptimiseSettings.read(in).write(out);
      in.readUnsigned();
      out.writeUnsigned(valuePerClickMicros);
      while (in.remaining() > 0) {
        out.writeByte(in.readUnsignedByte());
      }
      return ValueModel.read(new BinaryReader(out.toByteArray()));
    } catch (BinaryException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
