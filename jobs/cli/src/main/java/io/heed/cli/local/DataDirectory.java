package io.heed.cli.local;

import io.heed.cli.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The directory that holds everything a local stack keeps, for one stack at a time. */
final class DataDirectory implements AutoCloseable {
  private final Path root;
  private final FileChannel channel;

  private DataDirectory(Path root, FileChannel channel) {
    this.root = root;
    this.channel = channel;
  }

  /**
   * @throws UserError if another stack runs on the directory or it cannot be written
   */
  static DataDirectory open(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root);
      FileChannel channel =
          FileChannel.open(
              root.resolve("heed.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new UserError(
            "a stack is already running on %s: stop it or give another --data-dir".formatted(root));
      }
      return new DataDirectory(root, channel);
    } catch (IOException e) {
      throw UserError.of("--data-dir " + root, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Waits until servers of a stack whose parent was killed have left; they do within seconds.
   *
   * @throws UserError if one stays
   */
  void awaitOrphans(Consumer<String> notices) throws InterruptedException {
    for (String server : List.of("flink", "kafka", "clickhouse")) {
      Path home = of(server);
      if (Files.exists(home)) {
        try {
          ServerLock.await(
                  home,
                  () -> notices.accept("Waiting for %s of the last run to stop".formatted(server)))
              .close();
        } catch (IOException e) {
          throw new UserError(e.getMessage(), e);
        }
      }
    }
  }

  /**
   * Notes which state backend keeps the jobs' state here.
   *
   * @throws UserError if another one did so far, for it cannot read what that one wrote
   */
  void keepStateIn(LocalStackOptions.StateBackend backend) {
    Path note = of("state-backend");
    String name = backend.name().toLowerCase(Locale.ROOT);
    try {
      String former = Files.exists(note) ? Files.readString(note).strip() : name;
      if (!former.equals(name)) {
        throw new UserError(
            "the jobs' state in %s is kept in %s: start with --state-backend %s, or give another --data-dir"
                .formatted(root, former, former));
      }
      Files.writeString(note, name + "\n");
    } catch (IOException e) {
      throw UserError.of(note.toString(), e);
    }
  }

  /**
   * The key by which erased people are recognised, made at the first start.
   *
   * @throws UserError if it cannot be written
   */
  Path erasureKey() {
    Path key = of("erasure.key");
    try {
      if (Files.notExists(key)) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        Files.createFile(
            key,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, Base64.getEncoder().encodeToString(random) + "\n");
      }
    } catch (IOException e) {
      throw UserError.of(key.toString(), e);
    }
    return key;
  }

  Path of(String part) {
    return root.resolve(part);
  }

  Path log(String server) {
    return root.resolve("logs").resolve(server + ".log");
  }

  /** Lets the next stack in; the operating system does it when the process dies. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
