package io.heed.core.attribution;

import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.Touch;
import io.heed.core.model.TouchAction;

/** Short ways to say what happened, at times after {@link #START}. */
final class Facts {
  /** A midnight. */
  static final long START = 20_000 * Days.MILLIS;

  static final long HOUR = 3_600_000;
  static final long DAY = Days.MILLIS;

  private Facts() {}

  static Event send(long at, String recipient, String message, String campaign) {
    return send(at, recipient, message, campaign, null, null);
  }

  static Event send(
      long at, String recipient, String message, String campaign, String experiment, String arm) {
    return new Send(
        "s-" + message,
        START + at,
        recipient,
        message,
        campaign,
        "list",
        Category.PROMOTIONAL,
        experiment,
        arm,
        null,
        null,
        null,
        null,
        1,
        7_900,
        null,
        null);
  }

  static Event delivered(long at, String recipient, String message) {
    return new Delivery(
        "d-" + message + at,
        START + at,
        recipient,
        message,
        DeliveryStatus.DELIVERED,
        null,
        null,
        null);
  }

  static Event click(long at, String recipient, String message) {
    return new Click("c-" + message + at, START + at, recipient, message, null, null, null, null);
  }

  static Event click(long at, String recipient, String message, String agent) {
    return new Click("c-" + message + at, START + at, recipient, message, null, null, agent, null);
  }

  static Event touch(long at, String recipient, String channel) {
    return touch(at, recipient, channel, "t-" + recipient + "-" + at);
  }

  static Event touch(long at, String recipient, String channel, String id) {
    return new Touch(id, START + at, recipient, channel, "k-" + channel, TouchAction.CLICK);
  }

  static Event purchase(long at, String recipient, String id, long micros) {
    return conversion(at, recipient, id, ConversionKind.PURCHASE, micros);
  }

  static Event conversion(long at, String recipient, String id, ConversionKind kind, long micros) {
    return new Conversion("v-" + id, START + at, recipient, id, kind, micros, null);
  }

  static Event refund(long at, String recipient, String id, long micros, String original) {
    return new Conversion(
        "v-" + id, START + at, recipient, id, ConversionKind.REFUND, micros, original);
  }

  static Event assignment(long at, String recipient, String experiment, String arm) {
    return new Assignment("a-" + recipient + at, START + at, recipient, experiment, arm, null);
  }
}
