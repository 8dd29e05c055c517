package io.heed.cli.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * Settings and users of the local ClickHouse.
 *
 * <p>User {@code default} may do everything, has no password and comes from this machine only. User
 * {@value #READER} reads database {@value #DATABASE} and nothing else, for dashboards: {@code
 * default} could read any file of the user through {@code file()}. The reader's password is random,
 * lies in {@value #READER_PASSWORD_FILE} for its owner alone, and the server knows only its hash.
 */
final class ClickHouseConfig {
  static final String DATABASE = "heed";
  static final String READER = "heed_reader";
  static final String FILE = "config.xml";
  static final String READER_PASSWORD_FILE = "reader-password";
  private static final String USERS_FILE = "users.xml";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private ClickHouseConfig() {}

  /**
   * Writes the configuration of one start.
   *
   * @param directory the server's working directory, an absolute path
   * @param memoryBytes the most that the server may allocate
   */
  static void write(Path directory, int httpPort, long memoryBytes) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(FILE),
        """
        <clickhouse>
          <path>%s/</path>
          <users_config>%s</users_config>
          <listen_host>127.0.0.1</listen_host>
          <http_port>%d</http_port>
          <max_server_memory_usage>%d</max_server_memory_usage>
          <!-- The limits of caches; the defaults are made for servers with a machine of their own. -->
          <mark_cache_size>67108864</mark_cache_size>
          <uncompressed_cache_size>0</uncompressed_cache_size>
        </clickhouse>
        """
            .formatted(
                xml(directory.resolve("data")),
                xml(directory.resolve(USERS_FILE)),
                httpPort,
                memoryBytes));
    Files.writeString(
        directory.resolve(USERS_FILE),
        """
        <clickhouse>
          <profiles>
            <default/>
            <reader><readonly>2</readonly></reader>
          </profiles>
          <quotas><default/></quotas>
          <users>
            <default>
              <password/>
              <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
              <profile>default</profile>
              <quota>default</quota>
            </default>
            <%1$s>
              <password_sha256_hex>%2$s</password_sha256_hex>
              <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
              <profile>reader</profile>
              <quota>default</quota>
              <grants><query>GRANT SELECT ON %3$s.*</query></grants>
            </%1$s>
          </users>
        </clickhouse>
        """
            .formatted(READER, sha256(readerPassword(directory)), DATABASE));
  }

  /** The reader's password, made at the first call. */
  private static String readerPassword(Path directory) throws IOException {
    Path file = directory.resolve(READER_PASSWORD_FILE);
    if (Files.notExists(file)) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      // Owner-only from its first byte on, and whole or not there at all.
      Path staging = Files.createTempFile(directory, READER_PASSWORD_FILE, null, OWNER_ONLY);
      Files.writeString(staging, HexFormat.of().formatHex(random), StandardOpenOption.WRITE);
      Files.move(staging, file);
    }
    return Files.readString(file).strip();
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String xml(Path path) {
    return path.toString().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
