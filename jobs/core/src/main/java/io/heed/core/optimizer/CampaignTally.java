package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one campaign brought against what the cells expect of the people that it was sent to, in
 * exact integers. Expected clicks are kept by the minute of the send while the campaign is young,
 * since most of its clicks are still to come.
 */
public final class CampaignTally {
  /** Expectations are kept in these parts of one. */
  public static final int MICROS = 1_000_000;

  private static final int YOUNG_MINUTES = 240;

  private List<String> tags;
  private final TreeMap<Long, Long> expectedClicksByMinute = new TreeMap<>();
  private long firstMinute = Long.MAX_VALUE;
  private long lastMinute = Long.MIN_VALUE;
  private long requests;
  private long clickers;
  private long expectedClicks;
  private long optOuts;
  private long expectedOptOuts;

  /** A campaign without requests. */
  public CampaignTally(List<String> tags) {
    this.tags = List.copyOf(tags);
  }

  /** Adds the first request for one person. */
  public void addRequest(long minute) {
    requests++;
    seen(minute);
  }

  /**
   * Adds a message.
   *
   * @param minute minute of the send since 1970
   * @param clickMicros probability of a click that the cells expect, in millionths
   * @param optOutMicros probability of an opt-out that they expect
   */
  public void addMessage(long minute, long clickMicros, long optOutMicros) {
    expectedClicks += clickMicros;
    expectedOptOuts += optOutMicros;
    expectedClicksByMinute.merge(minute, clickMicros, Long::sum);
    seen(minute);
  }

  /** Adds the first click on a message. */
  public void addClicker() {
    clickers++;
  }

  /** Adds an opt-out because of a message. */
  public void addOptOut() {
    optOuts++;
  }

  /** Takes tags; of several the largest hold, so that the order does not matter. */
  public void tagged(List<String> more) {
    if (String.join("\0", more).compareTo(String.join("\0", tags)) > 0) {
      tags = List.copyOf(more);
    }
  }

  /** Adds the counts of other records of the same campaign. */
  public void merge(CampaignTally other) {
    tagged(other.tags);
    requests += other.requests;
    clickers += other.clickers;
    expectedClicks += other.expectedClicks;
    optOuts += other.optOuts;
    expectedOptOuts += other.expectedOptOuts;
    other.expectedClicksByMinute.forEach(
        (minute, micros) -> expectedClicksByMinute.merge(minute, micros, Long::sum));
    firstMinute = Math.min(firstMinute, other.firstMinute);
    lastMinute = Math.max(lastMinute, other.lastMinute);
  }

  private void seen(long minute) {
    firstMinute = Math.min(firstMinute, minute);
    lastMinute = Math.max(lastMinute, minute);
  }

  /** Drops the minutes of a campaign that is no longer young. */
  void compact(long nowMinute) {
    if (nowMinute - lastMinute > YOUNG_MINUTES) {
      expectedClicksByMinute.clear();
    }
  }

  /** Clicks expected until now of the messages sent, given how fast clicks come. */
  double expectedClicks(long nowMinute, DelayCurve curve) {
    if (expectedClicksByMinute.isEmpty()) {
      return (double) expectedClicks / MICROS;
    }
    double due = 0;
    for (Map.Entry<Long, Long> minute : expectedClicksByMinute.entrySet()) {
      due += minute.getValue() * curve.share(nowMinute - minute.getKey());
    }
    return due / MICROS;
  }

  double expectedOptOuts() {
    return (double) expectedOptOuts / MICROS;
  }

  List<String> tags() {
    return tags;
  }

  long firstMinute() {
    return firstMinute;
  }

  long lastMinute() {
    return lastMinute;
  }

  /** People for whom the campaign was requested. */
  public long requests() {
    return requests;
  }

  /** People with a click. */
  public long clickers() {
    return clickers;
  }

  /** People who left. */
  public long optOuts() {
    return optOuts;
  }

  /** Writes the counts. */
  public void write(BinaryWriter out) {
    out.writeCount(tags);
    tags.forEach(out::writeText);
    out.writeUnsigned(expectedClicksByMinute.size());
    long before = 0;
    for (Map.Entry<Long, Long> minute : expectedClicksByMinute.entrySet()) {
      out.writeUnsigned(minute.getKey() - before);
      out.writeUnsigned(minute.getValue());
      before = minute.getKey();
    }
    out.writeSigned(firstMinute);
    out.writeSigned(lastMinute);
    out.writeUnsigned(requests);
    out.writeUnsigned(clickers);
    out.writeUnsigned(expectedClicks);
    out.writeUnsigned(optOuts);
    out.writeUnsigned(expectedOptOuts);
  }

  /** What {@link #write} wrote. */
  public static CampaignTally read(BinaryReader in) throws BinaryException {
    List<String> tags = new ArrayList<>();
    for (int rest = in.readCount(); rest > 0; rest--) {
      tags.add(in.readText());
    }
    CampaignTally tally = new CampaignTally(tags);
    long minute = 0;
    for (int rest = in.readCount(); rest > 0; rest--) {
      minute += in.readUnsigned();
      tally.expectedClicksByMinute.put(minute, in.readUnsigned());
    }
    tally.firstMinute = in.readSigned();
    tally.lastMinute = in.readSigned();
    tally.requests = in.readUnsigned();
    tally.clickers = in.readUnsigned();
    tally.expectedClicks = in.readUnsigned();
    tally.optOuts = in.readUnsigned();
    tally.expectedOptOuts = in.readUnsigned();
    return tally;
  }
}
