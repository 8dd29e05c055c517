package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetainedCheckpointsTest {
  private static final String JOB = "84c7a009dcb437d7a86eb8fda1d1da2e";
  private static final byte[] STATE = {1, 2, 3};

  @TempDir private Path directory;
  private RetainedCheckpoints checkpoints;

  @BeforeEach
  void inADirectoryThatIsNotThereYet() {
    directory = directory.resolve("job");
    checkpoints = new RetainedCheckpoints(directory);
  }

  @Test
  void aFirstRunHasNothingToStartFrom() throws IOException {
    assertThat(checkpoints.newest()).isEmpty();
    assertThat(checkpoints.newRun()).isEqualTo(directory.resolve("000001"));
  }

  @Test
  void theNewestIsOfTheLastRunByNumberNotByName() throws IOException {
    checkpoint("000001", 20);
    checkpoint("000002", 9);
    Path newest = checkpoint("000002", 10);

    assertThat(checkpoints.newest()).contains(newest);
  }

  @Test
  void aCheckpointThatWasNotCompletedDoesNotCount() throws IOException {
    Path complete = checkpoint("000001", 4);
    Files.createDirectories(directory.resolve("000001").resolve(JOB).resolve("chk-5"));
    Files.createDirectories(directory.resolve("000002").resolve(JOB).resolve("shared"));

    assertThat(checkpoints.newest()).contains(complete);
  }

  @Test
  void anUnreadableOneGivesWayToTheNextOlder() throws IOException {
    Path oldest = checkpoint("000001", 4);
    Path withoutState = checkpoint("000001", 5);
    Path cutState = checkpoint("000001", 6);
    Path brokenMetadata = checkpoint("000002", 7);
    Files.delete(withoutState.resolve("state"));
    Files.write(cutState.resolve("state"), new byte[] {1});
    Files.write(brokenMetadata.resolve("_metadata"), new byte[] {42});

    assertThat(checkpoints.newest()).contains(oldest);
  }

  @Test
  void runsThatAreNotNeededAreDeleted() throws IOException {
    checkpoint("000001", 1);
    Path second = checkpoint("000002", 2);
    Files.createDirectories(directory.resolve("000003").resolve(JOB).resolve("chk-3"));
    checkpoint("000004", 3);
    Path newest = checkpoint("000004", 4);

    assertThat(checkpoints.newRun()).isEqualTo(directory.resolve("000005"));

    assertThat(directory.resolve("000001")).doesNotExist();
    assertThat(directory.resolve("000003")).doesNotExist();
    assertThat(second).exists();
    assertThat(checkpoints.newest()).contains(newest);
  }

  private Path checkpoint(String run, long number) throws IOException {
    Path checkpoint = directory.resolve(run).resolve(JOB).resolve("chk-" + number);
    Files.createDirectories(checkpoint);
    Path state = Files.write(checkpoint.resolve("state"), STATE);
    OperatorState operator = new OperatorState("count", "count", new OperatorID(1, 2), 1, 128);
    operator.putState(
        0,
        OperatorSubtaskState.builder()
            .setManagedKeyedState(
                new KeyGroupsStateHandle(
                    new KeyGroupRangeOffsets(0, 127),
                    new FileStateHandle(
                        new org.apache.flink.core.fs.Path(state.toUri()), STATE.length)))
            .build());
    try (DataOutputStream metadata =
        new DataOutputStream(Files.newOutputStream(checkpoint.resolve("_metadata")))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(number, List.of(operator), List.of()), metadata);
    }
    return checkpoint;
  }
}
