package io.heed.flink.streaming;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/**
 * Checkpoints of operators that lie beside the tests: what a version has stored, every later one
 * has to restore. Where a format changes before a release, they are written again with {@code mvn
 * -pl jobs/flink -am test -Dtest='Stored*Test' -Dsurefire.failIfNoSpecifiedTests=false
 * -DargLine='-Dheed.states.write=true'}.
 */
public final class TestingStates {
  private TestingStates() {}

  /**
   * A checkpoint that was stored.
   *
   * @param name of its file, with the job and the format's version
   * @param making makes the checkpoint, when it is to be written again
   */
  public static OperatorSubtaskState stored(String name, Callable<OperatorSubtaskState> making)
      throws Exception {
    Path file = Path.of("src/test/resources/io/heed/flink/states", name);
    if (Boolean.getBoolean("heed.states.write")) {
      Files.createDirectories(file.getParent());
      OperatorSnapshotUtil.writeStateHandle(making.call(), file.toString());
    }
    return OperatorSnapshotUtil.readStateHandle(file.toString());
  }
}
