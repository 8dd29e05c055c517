package io.heed.core.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.Arrays;

/**
 * What is kept of something that alerts watch: pairs of counts by bucket of time, and where its
 * alert stands. The state value's format 1: version, the alert's numbers, then the buckets.
 */
public final class Watched {
  private static final byte FORMAT = 1;

  int buckets;
  long[] start = new long[4];
  long[] first = new long[4];
  long[] second = new long[4];

  /** The threshold that is crossed, from 1; 0 for none. */
  int level;

  /** The level that the last alert published. */
  int published;

  /** How many alerts were written. */
  int alerts;

  /** Version of the last alert. */
  long seq;

  /** Buckets before this instant are judged; or the last event before a silence. */
  long mark = Long.MIN_VALUE;

  /** Hours in a row without the condition. */
  int calm;

  /** Instant of the timer that is set; see {@link AlertRules#nextEvaluation}. */
  long timer = Long.MAX_VALUE;

  /** Reads what {@link #write} wrote. */
  public static Watched read(BinaryReader in) throws BinaryException {
    in.expectFormat("what alerts watch", FORMAT);
    Watched watched = new Watched();
    watched.level = in.readUnsignedInt();
    watched.published = in.readUnsignedInt();
    watched.alerts = in.readUnsignedInt();
    watched.calm = in.readUnsignedInt();
    watched.seq = in.readLong();
    watched.mark = in.readLong();
    watched.timer = in.readLong();
    watched.buckets = in.readCount();
    watched.grow(watched.buckets);
    for (int i = 0; i < watched.buckets; i++) {
      watched.start[i] = in.readSigned();
      watched.first[i] = in.readSigned();
      watched.second[i] = in.readSigned();
    }
    return watched;
  }

  /** Writes the state value. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    out.writeUnsigned(level);
    out.writeUnsigned(published);
    out.writeUnsigned(alerts);
    out.writeUnsigned(calm);
    out.writeLong(seq);
    out.writeLong(mark);
    out.writeLong(timer);
    out.writeUnsigned(buckets);
    for (int i = 0; i < buckets; i++) {
      out.writeSigned(start[i]);
      out.writeSigned(first[i]);
      out.writeSigned(second[i]);
    }
  }

  /** The same again, to be changed apart. */
  public Watched copy() {
    Watched copy = new Watched();
    copy.level = level;
    copy.published = published;
    copy.alerts = alerts;
    copy.seq = seq;
    copy.mark = mark;
    copy.calm = calm;
    copy.timer = timer;
    copy.buckets = buckets;
    copy.start = start.clone();
    copy.first = first.clone();
    copy.second = second.clone();
    return copy;
  }

  /** Instant of the timer that is set; {@link Long#MAX_VALUE} for none. */
  public long timer() {
    return timer;
  }

  public void setTimer(long instant) {
    timer = instant;
  }

  /** Adds to a bucket. */
  void add(long bucket, long[] counts) {
    int at = Arrays.binarySearch(start, 0, buckets, bucket);
    if (at < 0) {
      at = -at - 1;
      grow(buckets + 1);
      System.arraycopy(start, at, start, at + 1, buckets - at);
      System.arraycopy(first, at, first, at + 1, buckets - at);
      System.arraycopy(second, at, second, at + 1, buckets - at);
      buckets++;
      start[at] = bucket;
      first[at] = 0;
      second[at] = 0;
    }
    first[at] += counts[0];
    second[at] += counts[1];
  }

  /** Removes buckets that start before an instant. */
  void expire(long before) {
    int gone = 0;
    while (gone < buckets && start[gone] < before) {
      gone++;
    }
    buckets -= gone;
    System.arraycopy(start, gone, start, 0, buckets);
    System.arraycopy(first, gone, first, 0, buckets);
    System.arraycopy(second, gone, second, 0, buckets);
  }

  private void grow(int least) {
    if (least > start.length) {
      int size = Math.max(least, start.length * 2);
      start = Arrays.copyOf(start, size);
      first = Arrays.copyOf(first, size);
      second = Arrays.copyOf(second, size);
    }
  }
}
