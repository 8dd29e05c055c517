package io.heed.cli.local;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one job: a numbered directory for every run, in it what Flink writes, {@code
 * <job id>/chk-<n>}.
 *
 * <p>A run starts from a checkpoint of a previous one without claiming it, so that no run needs the
 * files of another, and a previous run can be deleted as a whole. Runs and checkpoints are
 * numbered: no clock decides which one is the newest.
 */
final class RetainedCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedCheckpoints.class);

  /** How many are kept, of one run as of all. */
  static final int KEPT = 3;

  private static final Pattern RUN = Pattern.compile("\\d{6,9}");
  private static final String METADATA = "_metadata";
  private static final String PREFIX = "chk-";

  private record Checkpoint(int run, long number, Path directory) {}

  private final Path directory;

  RetainedCheckpoints(Path directory) {
    this.directory = directory;
  }

  /** The newest checkpoint that is complete and whose files are all there. */
  Optional<Path> newest() throws IOException {
    return complete().stream()
        .map(Checkpoint::directory)
        .filter(RetainedCheckpoints::isReadable)
        .findFirst();
  }

  /**
   * A new run's directory. Earlier runs that hold none of the newest checkpoints are deleted.
   *
   * @return the directory; Flink makes it
   */
  Path newRun() throws IOException {
    Set<Integer> needed =
        complete().stream().limit(KEPT).map(Checkpoint::run).collect(Collectors.toSet());
    int last = 0;
    for (Path run : runs()) {
      int number = Integer.parseInt(run.getFileName().toString());
      last = Math.max(last, number);
      if (!needed.contains(number)) {
        FileUtils.deleteDirectory(run.toFile());
      }
    }
    return directory.resolve("%06d".formatted(last + 1));
  }

  /** Newest first. */
  private List<Checkpoint> complete() throws IOException {
    return runs().stream()
        .flatMap(
            run ->
                children(run).stream()
                    .flatMap(job -> children(job).stream())
                    .filter(checkpoint -> Files.exists(checkpoint.resolve(METADATA)))
                    .map(checkpoint -> checkpoint(run, checkpoint)))
        .sorted(
            Comparator.comparingInt(Checkpoint::run)
                .thenComparingLong(Checkpoint::number)
                .reversed())
        .toList();
  }

  private List<Path> runs() {
    return children(directory).stream()
        .filter(run -> RUN.matcher(run.getFileName().toString()).matches())
        .toList();
  }

  private static Checkpoint checkpoint(Path run, Path directory) {
    return new Checkpoint(
        Integer.parseInt(run.getFileName().toString()),
        Long.parseLong(directory.getFileName().toString().substring(PREFIX.length())),
        directory);
  }

  private static List<Path> children(Path parent) {
    if (Files.notExists(parent)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(parent)) {
      return children.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isReadable(Path checkpoint) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(checkpoint.resolve(METADATA))))) {
      CheckpointMetadata metadata =
          Checkpoints.loadCheckpointMetadata(
              in, RetainedCheckpoints.class.getClassLoader(), checkpoint.toUri().toString());
      for (OperatorState operator : metadata.getOperatorStates()) {
        for (OperatorSubtaskState subtask : operator.getStates()) {
          requireFiles(subtask.getManagedKeyedState());
          requireFiles(subtask.getManagedOperatorState());
          requireFiles(subtask.getRawKeyedState());
          requireFiles(subtask.getRawOperatorState());
        }
      }
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be read, an older checkpoint is used: {}", checkpoint, e.toString());
      return false;
    }
  }

  private static void requireFiles(Collection<? extends StateObject> states) throws IOException {
    for (StateObject state : states) {
      requireFile(state);
    }
  }

  private static void requireFile(StateObject state) throws IOException {
    if (state instanceof FileStateHandle file) {
      Path path = Path.of(file.getFilePath().toUri());
      if (Files.size(path) != file.getStateSize()) {
        throw new IOException(path + " is not whole");
      }
    } else if (state instanceof KeyGroupsStateHandle keyed) {
      requireFile(keyed.getDelegateStateHandle());
    } else if (state instanceof OperatorStateHandle operator) {
      requireFile(operator.getDelegateStateHandle());
    } else if (state instanceof IncrementalRemoteKeyedStateHandle incremental) {
      requireFiles(incremental.streamSubHandles().toList());
    }
  }
}
