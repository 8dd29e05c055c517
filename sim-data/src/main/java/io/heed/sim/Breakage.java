package io.heed.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.Event;
import io.heed.core.model.Field;
import io.heed.core.model.RecordShape;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.RecordShape.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Makes records that cannot be read, in every way that producers have found. A record is broken by
 * the rules of its own type, as its {@link Field}s state them, so that a new field is broken, too.
 */
final class Breakage {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int TOO_DEEP = 1_200;

  /** A way to break a record. */
  enum Way {
    NO_VALUE,
    EMPTY,
    TEXT,
    ARRAY,
    CUT_OFF,
    TWO_OBJECTS,
    BAD_ENCODING,
    TOO_DEEP,
    REQUIRED_MISSING,
    REQUIRED_NULL,
    REQUIRED_EMPTY,
    WRONG_TYPE,
    UNKNOWN_CONSTANT,
    NEGATIVE,
    FRACTION,
    TOO_LARGE,
    IN_SECONDS,
    BEFORE_2000,
    FAR_FUTURE
  }

  private final Chance chance;
  private final long start;

  /**
   * @param start no record is appended long after it, epoch milliseconds
   */
  Breakage(Chance chance, long start) {
    this.chance = chance;
    this.start = start;
  }

  /** A record like {@code event}, with an id of its own, that cannot be read. */
  byte[] broken(Event event, String eventId) {
    byte[] broken;
    do {
      Way way = Way.values()[chance.below(Way.values().length)];
      broken = broken(way, event, eventId);
      if (way == Way.NO_VALUE) {
        return null;
      }
    } while (broken == null);
    return broken;
  }

  /** The record broken in one way; null also if the topic's records cannot be broken in it. */
  byte[] broken(Way way, Event event, String eventId) {
    ObjectNode json = json(event).put("event_id", eventId);
    String text = json.toString();
    byte[] whole = text.getBytes(StandardCharsets.UTF_8);
    return switch (way) {
      case NO_VALUE -> null;
      case EMPTY -> new byte[0];
      case TEXT -> ("ERROR " + eventId + ": upstream timeout").getBytes(StandardCharsets.UTF_8);
      case ARRAY -> ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
      case CUT_OFF -> Arrays.copyOf(whole, 1 + chance.below(whole.length - 1));
      case TWO_OBJECTS -> (text + text).getBytes(StandardCharsets.UTF_8);
      case BAD_ENCODING -> badlyEncoded(json);
      case TOO_DEEP -> {
        String deep = "[".repeat(TOO_DEEP) + "]".repeat(TOO_DEEP);
        yield ("{\"x\":" + deep + "," + text.substring(1)).getBytes(StandardCharsets.UTF_8);
      }
      case IN_SECONDS -> bytes(json.put("event_time", event.eventTime() / 1000));
      case BEFORE_2000 -> bytes(json.put("event_time", Event.EARLIEST - 1 - chance.below(1 << 30)));
      case FAR_FUTURE ->
          bytes(json.put("event_time", start + (400L + chance.below(4_000)) * 86_400_000L));
      default -> brokenField(way, json, RecordShape.of(event.getClass()).components());
    };
  }

  /** With the first byte of a character of two bytes, and not the second. */
  private static byte[] badlyEncoded(ObjectNode json) {
    byte[] bytes = bytes(json.put("recipient_id", "#"));
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '#') {
        bytes[i] = (byte) 0xC3;
        break;
      }
    }
    return bytes;
  }

  private byte[] brokenField(Way way, ObjectNode json, List<Component> components) {
    List<Component> candidates = components.stream().filter(c -> fits(way, c)).toList();
    if (candidates.isEmpty()) {
      return null;
    }
    Component component = chance.anyOf(candidates);
    String name = component.name();
    switch (way) {
      case REQUIRED_MISSING -> json.remove(name);
      case REQUIRED_NULL -> json.putNull(name);
      case REQUIRED_EMPTY -> json.put(name, "");
      case WRONG_TYPE -> {
        if (component.kind() == Kind.INTEGER) {
          json.put(name, "yesterday");
        } else if (component.kind() == Kind.BOOLEAN) {
          json.put(name, 7);
        } else {
          // Not a number: a recipient's id may be one.
          json.put(name, true);
        }
      }
      case UNKNOWN_CONSTANT -> json.put(name, "SOMETHING_NEW");
      case NEGATIVE -> json.put(name, -1 - chance.below(1_000_000));
      case FRACTION -> json.put(name, 1_700_000_000_000.5);
      case TOO_LARGE -> json.put(name, new BigInteger("9".repeat(25)));
      default -> throw new IllegalArgumentException(way.name());
    }
    return bytes(json);
  }

  private static boolean fits(Way way, Component component) {
    return switch (way) {
      case REQUIRED_MISSING, REQUIRED_NULL -> component.required();
      case REQUIRED_EMPTY -> component.required() && component.kind() == Kind.TEXT;
      case WRONG_TYPE -> component.kind() != Kind.FREE;
      case UNKNOWN_CONSTANT -> component.kind() == Kind.ENUM;
      case NEGATIVE -> component.kind() == Kind.INTEGER && component.spec().min() >= 0;
      case FRACTION, TOO_LARGE -> component.kind() == Kind.INTEGER;
      default -> false;
    };
  }

  private static ObjectNode json(Event event) {
    try {
      return (ObjectNode) JSON.readTree(Arrival.of(0, event, Arrival.Nature.FACT).value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
