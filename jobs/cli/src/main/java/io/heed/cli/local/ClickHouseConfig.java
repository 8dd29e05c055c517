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
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings and users of the local ClickHouse.
 *
 * <p>User {@code default} works with tables and views as it likes, has no password and comes from
 * this machine only. User {@value #READER} reads database {@value #DATABASE} and nothing else, for
 * dashboards. The reader's password is random, lies in {@value #READER_PASSWORD_FILE} for its owner
 * alone, and the server knows only its hash.
 *
 * <p>Nobody has a grant on what lies outside of the database: files, URLs, other servers, programs
 * ({@link Landlock} holds where grants do not). And since a browser on this machine is on loopback
 * as well, requests that a page of another site can make are refused: with an {@code Origin}, of
 * another site by {@code Sec-Fetch-Site} (a GET whose answer is loaded as a script or a picture has
 * no {@code Origin}), or to a name of that site which points here.
 */
final class ClickHouseConfig {
  static final String DATABASE = "heed";
  static final String READER = "heed_reader";
  static final String FILE = "config.xml";
  static final String READER_PASSWORD_FILE = "reader-password";
  private static final String USERS_FILE = "users.xml";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** What holds of requests from programs of this machine, and from pages of this server. */
  private static final String FROM_HERE =
      "<headers><Host>regex:(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?</Host></headers>";

  private static final String REFUSAL =
      "<handler><type>static</type><status>403</status><response_content>"
          + "refused: only programs of this machine may use this server, no web page"
          + "</response_content></handler>";

  /** No source outside of the database, no function or dictionary that could be one. */
  private static final String GRANT =
      "GRANT CHECK, SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW,"
          + " CREATE TEMPORARY TABLE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, KILL QUERY, SYSTEM,"
          + " dictGet ON *.*";

  /** The engines that keep what they hold in the server. */
  private static final List<String> ENGINES =
      List.of(
          "Atomic",
          "MergeTree",
          "ReplacingMergeTree",
          "SummingMergeTree",
          "AggregatingMergeTree",
          "CollapsingMergeTree",
          "VersionedCollapsingMergeTree",
          "Memory",
          "Null",
          "Log");

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
          <http_handlers>
            <rule>
              <headers><Origin>regex:.+</Origin></headers>
              %s
            </rule>
            <rule>
              <headers><Sec-Fetch-Site>regex:(cross|same)-site</Sec-Fetch-Site></headers>
              %s
            </rule>
            <rule>
              <url>/ping</url>
              %s
              <handler><type>ping</type></handler>
            </rule>
            <rule>
              <url>/</url>
              <methods>GET,HEAD</methods>
              <empty_query_string>1</empty_query_string>
              %s
              <handler>
                <type>static</type>
                <response_content>Ok.</response_content>
              </handler>
            </rule>
            <rule>
              %s
              <handler>
                <type>dynamic_query_handler</type>
                <query_param_name>query</query_param_name>
              </handler>
            </rule>
            <rule>%s</rule>
          </http_handlers>
          <http_allow_path_requests>0</http_allow_path_requests>
          <access_control_improvements>
            <table_engines_require_grant>true</table_engines_require_grant>
          </access_control_improvements>
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
                REFUSAL,
                REFUSAL,
                FROM_HERE,
                FROM_HERE,
                FROM_HERE,
                REFUSAL,
                memoryBytes));
    Files.writeString(
        directory.resolve(USERS_FILE),
        """
        <clickhouse>
          <profiles>
            <default>
              <constraints><merge_tree_disk><readonly/></merge_tree_disk></constraints>
            </default>
            <reader><readonly>2</readonly></reader>
          </profiles>
          <quotas><default/></quotas>
          <users>
            <default>
              <password/>
              <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
              <profile>default</profile>
              <quota>default</quota>
              <grants>%4$s</grants>
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
            .formatted(READER, sha256(readerPassword(directory)), DATABASE, grants()));
  }

  private static String grants() {
    return Stream.concat(
            Stream.of(GRANT), ENGINES.stream().map("GRANT TABLE ENGINE ON %s"::formatted))
        .map("<query>%s</query>"::formatted)
        .collect(Collectors.joining());
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
