package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;

/**
 * A day on which chance decided whether a recipient gets the messages of a list that are worth
 * their place, with what came of it within 7 days: the unit by which texted and withheld are
 * compared. All requests of a person, list and day share one draw.
 */
final class DrawnDay {
  final String list;

  /** Instant of the first verdict that was drawn. */
  final long time;

  final boolean sent;
  long clicks;
  long revenueMicros;

  DrawnDay(String list, long time, boolean sent) {
    this.list = list;
    this.time = time;
    this.sent = sent;
  }

  boolean isOf(String otherList, long otherTime) {
    return list.equals(otherList) && OutcomeEvent.day(time) == OutcomeEvent.day(otherTime);
  }

  /** When it is counted. */
  long due() {
    return time + FollowedMessage.MARGIN_MILLIS;
  }

  boolean holds(long instant) {
    return instant >= time && instant < due();
  }

  void write(StateWriter out) {
    out.writeShared(list);
    out.writeInstant(time);
    out.writeBoolean(sent);
    out.writeUnsigned(clicks);
    out.writeSigned(revenueMicros);
  }

  static DrawnDay read(StateReader in) throws BinaryException {
    DrawnDay day = new DrawnDay(in.readShared(), in.readInstant(), in.readBoolean());
    day.clicks = in.readUnsigned();
    day.revenueMicros = in.readSigned();
    return day;
  }
}
