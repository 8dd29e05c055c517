package io.heed.flink.sendgate;

import io.heed.core.codec.BinaryException;
import io.heed.core.gate.RecipientAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/**
 * What a savepoint or checkpoint of the send gate knows, read by Flink's State Processor API in
 * this process. The library is not in the jar of the jobs, which do not need it.
 */
public final class SavedGate {
  private static final OperatorIdentifier GATE =
      OperatorIdentifier.forUid(SendGateTopology.GATE_UID);

  private static final TypeInformation<byte[]> BYTES =
      PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

  private static final byte[] NOTHING = {};

  private final String path;
  private final StateBackend backend;

  /**
   * What was found.
   *
   * @param eventTime how far event time had come; null before the first watermark
   * @param recipient null if nothing is known of the recipient
   */
  public record Found(Instant eventTime, RecipientAccount recipient) {}

  private SavedGate(String path, StateBackend backend) {
    this.path = path;
    this.backend = backend;
  }

  /**
   * Opens one.
   *
   * @param path of the directory that holds {@code _metadata}, or of that file
   * @throws IllegalArgumentException if it is none of the send gate, with what it is instead
   */
  public static SavedGate open(String path) {
    if (!path.contains("://") && Files.notExists(Path.of(path))) {
      throw new IllegalArgumentException("there is no " + path);
    }
    CheckpointMetadata metadata;
    try {
      metadata = SavepointLoader.loadSavepointMetadata(path);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "%s is no savepoint or checkpoint that can be read (a directory with a file _metadata): %s"
              .formatted(path, e.getMessage()),
          e);
    }
    OperatorState gate =
        metadata.getOperatorStates().stream()
            .filter(operator -> operator.getOperatorID().equals(GATE.getOperatorId()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s is of another job than send-gate: it has no operator with the uid %s"
                            .formatted(path, SendGateTopology.GATE_UID)));
    return new SavedGate(path, backend(gate));
  }

  /**
   * A checkpoint can be read by the state backend alone that wrote it, a savepoint by any: then by
   * the one that keeps it on disk.
   */
  private static StateBackend backend(OperatorState gate) {
    boolean onHeap =
        gate.getStates().stream()
            .map(OperatorSubtaskState::getManagedKeyedState)
            .flatMap(states -> states.stream())
            .anyMatch(
                state ->
                    state instanceof KeyGroupsStateHandle
                        && !(state instanceof KeyGroupsSavepointStateHandle));
    return onHeap ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend();
  }

  /**
   * What is known of one recipient. Reads every key.
   *
   * @throws IllegalArgumentException if another version of Heed wrote it
   * @throws IOException if it cannot be read
   */
  public Found find(String recipientId) throws IOException {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    settings.set(PipelineOptions.GENERIC_TYPES, false);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    long eventTime = Long.MIN_VALUE;
    byte[] stored = null;
    SavepointReader reader = SavepointReader.read(env, path, backend);
    DataStream<Tuple2<byte[], Long>> recipient =
        reader
            .readKeyedState(GATE, new OneRecipient(recipientId), Types.STRING, BYTES)
            .filter(bytes -> bytes.length > 0)
            .map(bytes -> Tuple2.of(bytes, Long.MIN_VALUE))
            .returns(Types.TUPLE(BYTES, Types.LONG));
    DataStream<Tuple2<byte[], Long>> run =
        reader
            .readUnionState(
                GATE, GateOperator.RUN.getName(), RunState.TYPE, new RunState.Serializer())
            .map(state -> Tuple2.of(NOTHING, state.watermark()))
            .returns(Types.TUPLE(BYTES, Types.LONG));
    try (CloseableIterator<Tuple2<byte[], Long>> found =
        recipient.union(run).executeAndCollect("state of one recipient")) {
      while (found.hasNext()) {
        Tuple2<byte[], Long> each = found.next();
        stored = each.f0.length > 0 ? each.f0 : stored;
        eventTime = Math.max(eventTime, each.f1);
      }
    } catch (Exception e) {
      throw failed(e);
    }
    try {
      return new Found(
          eventTime == Long.MIN_VALUE ? null : Instant.ofEpochMilli(eventTime),
          stored == null ? null : RecipientAccount.of(stored));
    } catch (BinaryException e) {
      throw failed(e);
    }
  }

  private IOException failed(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BinaryException) {
        throw new IllegalArgumentException(
            "%s was written by another version of Heed, read it with that one: %s"
                .formatted(path, cause.getMessage()),
            e);
      }
    }
    return new IOException("%s cannot be read: %s".formatted(path, e), e);
  }

  private static final class OneRecipient extends KeyedStateReaderFunction<String, byte[]> {
    private static final long serialVersionUID = 1L;

    private final String recipientId;
    private transient ValueState<byte[]> state;

    OneRecipient(String recipientId) {
      this.recipientId = recipientId;
    }

    @Override
    public void open(OpenContext context) {
      state = getRuntimeContext().getState(GateOperator.RECIPIENT);
    }

    @Override
    public void readKey(String key, Context context, Collector<byte[]> out) throws IOException {
      // The library expects something of every key.
      out.collect(key.equals(recipientId) ? state.value() : NOTHING);
    }
  }
}
