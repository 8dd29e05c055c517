package io.heed.flink.streaming;

import io.heed.core.model.Event;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.TimeMark;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One record of a topic with its place there, decoded, or with the reason why it cannot be. */
public final class Input {
  private static final Logger LOG = LoggerFactory.getLogger(Input.class);

  private final Topic topic;
  private final int partition;
  private final long offset;
  private final long appendTime;
  private final byte[] key;
  private final byte[] value;
  private final Object content;
  private final String unreadable;
  private final RecipientIds ids;
  private boolean late;

  private Input(
      Topic topic,
      int partition,
      long offset,
      long appendTime,
      byte[] key,
      byte[] value,
      Object content,
      String unreadable,
      RecipientIds ids) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.appendTime = appendTime;
    this.key = key;
    this.value = value;
    this.content = content;
    this.unreadable = unreadable;
    this.ids = ids;
  }

  /** Decodes a record; never fails, whatever the bytes are. */
  public static Input decode(
      TopicCodec codec,
      Topic topic,
      int partition,
      long offset,
      long appendTime,
      byte[] key,
      byte[] value) {
    Object content = null;
    String unreadable = null;
    try {
      content = codec.read(topic, key, value, appendTime);
    } catch (UnreadableException e) {
      unreadable = e.getMessage();
    } catch (RuntimeException | StackOverflowError e) {
      // A fault of the codec, and ours to mend; but no record may stop a job meanwhile.
      LOG.error("{}, partition {}, offset {} cannot be decoded", topic, partition, offset, e);
      unreadable = "cannot be decoded: " + e.getClass().getSimpleName();
    }
    return new Input(
        topic, partition, offset, appendTime, key, value, content, unreadable, codec.ids());
  }

  public Topic topic() {
    return topic;
  }

  public int partition() {
    return partition;
  }

  public long offset() {
    return offset;
  }

  /** When the broker appended it, epoch milliseconds. */
  public long appendTime() {
    return appendTime;
  }

  /** The record's key, or null. */
  public byte[] key() {
    return key;
  }

  /** The record's value, or null. */
  public byte[] value() {
    return value;
  }

  /** The decoded record (see {@link Topic#type()}), or null where it is unreadable. */
  public Object content() {
    return content;
  }

  /** Why the record cannot be read, or null. */
  public String unreadable() {
    return unreadable;
  }

  /** How recipients' ids are read in this deployment. */
  public RecipientIds ids() {
    return ids;
  }

  /** Whether it is older in event time than the horizon. */
  public boolean late() {
    return late;
  }

  void markLate() {
    late = true;
  }

  /**
   * The record's timestamp, epoch milliseconds: of an event the smaller of event time and append
   * time, and of a verdict, which follows its request's instant, so that a producer whose clock
   * runs ahead cannot move time ahead.
   */
  public long time() {
    if (content instanceof Event event) {
      return Math.min(event.eventTime(), appendTime);
    }
    if (content instanceof SendVerdict verdict) {
      return Math.min(verdict.decidedAt(), appendTime);
    }
    return content instanceof TimeMark mark ? mark.eventTime() : appendTime;
  }

  /** Whether it moves event time. */
  boolean movesTime() {
    return (content instanceof Event && topic.carriesEvents())
        || content instanceof SendVerdict
        || content instanceof TimeMark;
  }
}
