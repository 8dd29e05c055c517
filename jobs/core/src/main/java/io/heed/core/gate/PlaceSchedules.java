package io.heed.core.gate;

import io.heed.core.hours.QuietHours;
import io.heed.core.hours.Reading;
import io.heed.core.hours.Schedule;
import java.util.Set;

/** Schedules of the places where a recipient may be. Not safe for concurrent use. */
final class PlaceSchedules {
  private final QuietHours quietHours = new QuietHours();
  private final Set<String> anywhere = quietHours.countries();

  /**
   * The hours in which a list's messages may go out.
   *
   * @param region that the event states; null: the one that is known
   * @param timeZone that the event states; null: the one that is known
   */
  Schedule of(GateCall call, String region, String timeZone, Rules.ForList holds) {
    return quietHours.of(
        call.recipientId,
        region == null ? call.state.region : region,
        timeZone == null ? call.state.zone : timeZone,
        holds.hours(),
        holds.countries() == null ? anywhere : holds.countries(),
        holds.law());
  }

  /** The places alone, whatever a list's hours are. */
  Schedule of(GateCall call) {
    return quietHours.of(
        call.recipientId, call.state.region, call.state.zone, null, anywhere, Reading.STRICT);
  }
}
