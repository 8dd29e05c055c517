package io.heed.flink.warehouse;

import io.heed.core.model.Topic;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.KafkaOutputs;
import io.heed.flink.streaming.KafkaRights;
import io.heed.flink.streaming.Output;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * All topics into tables; what cannot be read onto the dead letters, and from there, as one of all
 * topics, into its table: so the two cannot differ.
 */
public final class WarehouseTopology {
  /** The job's name. */
  public static final String JOB = "warehouse";

  /** What the job needs in Kafka. */
  public static final KafkaRights RIGHTS =
      new KafkaRights(JOB, topics(), List.of(Topic.DEAD_LETTER));

  private WarehouseTopology() {}

  /**
   * Connects to the database once, for a user who starts the job.
   *
   * @return what is in the way and passes by itself, for the job waits for it; null if nothing is
   * @throws IllegalStateException if the server refuses, with what to check
   */
  public static String obstacle(JobOptions options) {
    return new Database(options).obstacle();
  }

  public static void define(StreamExecutionEnvironment env, JobOptions options) {
    DataStream<Input> inputs = KafkaInputs.read(env, options, JOB, topics());
    inputs.sinkTo(new WarehouseSink(options)).name("tables").uid(JOB + "-tables");

    DataStream<Output> letters =
        inputs
            .flatMap(new DeadLetters(options))
            .name("dead-letters")
            .returns(Output.TYPE)
            .uid(JOB + "-unreadable");
    KafkaOutputs.write(letters, options, JOB, "dead-letters");
  }

  /** Watermark records come with every job's inputs. */
  private static List<Topic> topics() {
    return Arrays.stream(Topic.values()).filter(topic -> topic != Topic.TIME_MARK).toList();
  }
}
