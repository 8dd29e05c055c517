package io.heed.sim;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** A record as it reaches Kafka. */
public final class Arrival {
  private static final Map<Topic, JsonCodec<Event>> CODECS = codecs();
  private static final Map<Class<?>, Topic> TOPICS = topics();

  /** What a record is in truth, which its reader has to find out. */
  public enum Nature {
    /** An event, for the first time. */
    FACT,
    /** A click of a machine, for the first time. */
    SCANNER_CLICK,
    /** A reply that revokes consent, for the first time. */
    REVOKING_REPLY,
    /** An event that was published before. */
    DUPLICATE,
    /** An event, for the first time, from beyond the horizon. */
    TOO_LATE,
    /** Not to be read. */
    BROKEN
  }

  private final long at;
  private final Topic topic;
  private final String key;
  private final Event event;
  private final byte[] broken;
  private final Nature nature;

  private Arrival(long at, Topic topic, String key, Event event, byte[] broken, Nature nature) {
    this.at = at;
    this.topic = topic;
    this.key = key;
    this.event = event;
    this.broken = broken;
    this.nature = nature;
  }

  static Arrival of(long at, Event event, Nature nature) {
    return new Arrival(at, topicOf(event), event.recipientId(), event, null, nature);
  }

  /** A record that cannot be read, in place of {@code event}; {@code value} may be null. */
  static Arrival broken(long at, Event event, byte[] value) {
    return new Arrival(at, topicOf(event), event.recipientId(), null, value, Nature.BROKEN);
  }

  /** When it arrives, epoch milliseconds of simulated time; never before its event happened. */
  public long at() {
    return at;
  }

  public Topic topic() {
    return topic;
  }

  /** The record's key: its recipient. */
  public String key() {
    return key;
  }

  /** What it says; null where it is broken. */
  public Event event() {
    return event;
  }

  /** The record's value; null for a broken record without one. */
  public byte[] value() {
    return event == null ? broken : CODECS.get(topic).write(event);
  }

  public Nature nature() {
    return nature;
  }

  /** The topic of an event of that type. */
  static Topic topicOf(Event event) {
    return TOPICS.get(event.getClass());
  }

  private static Map<Class<?>, Topic> topics() {
    Map<Class<?>, Topic> topics = new HashMap<>();
    Topic.events().forEach(topic -> topics.put(topic.type(), topic));
    return topics;
  }

  @SuppressWarnings("unchecked")
  private static Map<Topic, JsonCodec<Event>> codecs() {
    Map<Topic, JsonCodec<Event>> codecs = new EnumMap<>(Topic.class);
    for (Topic topic : Topic.events()) {
      codecs.put(topic, (JsonCodec<Event>) JsonCodec.of(topic.type()));
    }
    return codecs;
  }
}
