package io.heed.core.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Counts of the rows of one hour of one list or of one campaign in it; the window of a day lies
 * with its first hour. They are sent, kept and removed together: on thin traffic nearly every event
 * makes a minute of its own, and a state value, a timer and a record each would cost more than to
 * count it. Not safe for concurrent use.
 */
public final class HourRows {
  private static final byte FORMAT = 1;
  private static final int MINUTES = 60;

  // Numbers of rows in the bytes; the minutes take those before.
  private static final int HOUR = MINUTES;
  private static final int DAY = HOUR + 1;
  private static final int COHORT = DAY + 1;
  private static final int DELIVERY = COHORT + 1;
  private static final int RESPONSE = DELIVERY + 1;

  /**
   * Which rows.
   *
   * @param list the list
   * @param campaign the campaign; empty in a list's total
   * @param hour its start, epoch milliseconds
   */
  public record Key(String list, String campaign, long hour) {
    @Override
    public int hashCode() {
      // By hand, since it places state: it must be the same in every Java.
      return (list.hashCode() * 31 + campaign.hashCode()) * 31 + Long.hashCode(hour);
    }
  }

  private final Key key;
  private final long[][] minutes = new long[MINUTES][];
  private int others;
  private RowKey[] other = new RowKey[8];
  private long[][] counts = new long[8][];
  private long seq;

  /** Without any row. */
  public HourRows(Key key) {
    this.key = key;
  }

  /**
   * From the bytes that {@link #toBytes} made; null for none.
   *
   * @throws BinaryException if they are of a format that is not known here, or broken
   */
  public static HourRows of(Key key, byte[] bytes) throws BinaryException {
    return bytes == null ? new HourRows(key) : read(key, new BinaryReader(bytes));
  }

  public Key key() {
    return key;
  }

  /** Version of the rows that were written last; 0 for none. */
  public long seq() {
    return seq;
  }

  public void setSeq(long version) {
    seq = version;
  }

  /** Whether no row has a count. */
  public boolean isEmpty() {
    for (long[] minute : minutes) {
      if (minute != null && !isZero(minute)) {
        return false;
      }
    }
    for (int i = 0; i < others; i++) {
      if (!isZero(counts[i])) {
        return false;
      }
    }
    return true;
  }

  /** Visits every row that has a count. */
  public void forEach(BiConsumer<RowKey, long[]> visitor) {
    for (int i = 0; i < MINUTES; i++) {
      if (minutes[i] != null && !isZero(minutes[i])) {
        visitor.accept(
            new RowKey(
                CountTable.LIST_HEALTH,
                key.hour + i * RowDeltas.MINUTE_MILLIS,
                RowDeltas.MINUTE,
                key.list,
                key.campaign,
                "",
                ""),
            minutes[i]);
      }
    }
    for (int i = 0; i < others; i++) {
      if (!isZero(counts[i])) {
        visitor.accept(other[i], counts[i]);
      }
    }
  }

  /** Adds differences, and visits the rows that they change. */
  public void add(HourRows differences, BiConsumer<RowKey, long[]> visitor) {
    differences.forEach(
        (row, difference) -> {
          long[] sum = at(row.table(), row.start(), row.seconds(), row.part(), row.errorClass());
          for (int i = 0; i < difference.length; i++) {
            sum[i] += difference[i];
          }
          visitor.accept(row, sum);
        });
  }

  /** Counts of the minute of {@code list_health} that an instant of the hour lies in. */
  long[] minute(long time) {
    int i = (int) ((time - key.hour) / RowDeltas.MINUTE_MILLIS);
    if (minutes[i] == null) {
      minutes[i] = new long[CountTable.LIST_HEALTH.metrics()];
    }
    return minutes[i];
  }

  /** Counts of a row, to be added to. */
  public long[] at(CountTable table, long start, int seconds, String part, String errorClass) {
    if (table == CountTable.LIST_HEALTH && seconds == RowDeltas.MINUTE) {
      return minute(start);
    }
    for (int i = 0; i < others; i++) {
      if (other[i].table() == table
          && other[i].seconds() == seconds
          && other[i].part().equals(part)
          && other[i].errorClass().equals(errorClass)) {
        return counts[i];
      }
    }
    if (others == other.length) {
      other = Arrays.copyOf(other, 2 * others);
      counts = Arrays.copyOf(counts, 2 * others);
    }
    other[others] = new RowKey(table, key.hour, seconds, key.list, key.campaign, part, errorClass);
    counts[others] = new long[table.metrics()];
    return counts[others++];
  }

  static boolean isZero(long[] counts) {
    for (long count : counts) {
      if (count != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A byte for the format and the version, then the rows that have a count: number of the row, what
   * distinguishes it from others of this number, which counts are not zero, these counts.
   */
  public byte[] toBytes() {
    BinaryWriter out = new BinaryWriter();
    write(out);
    return out.toByteArray();
  }

  /** Writes the same. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    out.writeUnsigned(seq);
    for (int i = 0; i < MINUTES; i++) {
      if (minutes[i] != null && !isZero(minutes[i])) {
        out.writeByte(i);
        write(minutes[i], out);
      }
    }
    for (int i = 0; i < others; i++) {
      if (!isZero(counts[i])) {
        write(other[i], out);
        write(counts[i], out);
      }
    }
  }

  private static void write(RowKey row, BinaryWriter out) {
    switch (row.table()) {
      case LIST_HEALTH -> out.writeByte(row.seconds() == RowDeltas.HOUR ? HOUR : DAY);
      case SEND_COHORT -> out.writeByte(COHORT);
      case DELIVERY_HEALTH -> {
        out.writeByte(DELIVERY);
        out.writeText(row.part());
        out.writeText(row.errorClass());
      }
      case RESPONSE_TIME -> {
        out.writeByte(RESPONSE);
        out.writeUnsigned(row.seconds());
        out.writeText(row.part());
      }
      default -> throw new IllegalArgumentException(row.table() + " is no table of results");
    }
  }

  /** Which counts are not zero, then these. */
  public static void write(long[] counts, BinaryWriter out) {
    int present = 0;
    for (int i = 0; i < counts.length; i++) {
      present |= counts[i] == 0 ? 0 : 1 << i;
    }
    out.writeUnsigned(present);
    for (long count : counts) {
      if (count != 0) {
        out.writeSigned(count);
      }
    }
  }

  /** Reads what {@link #write(BinaryWriter)} wrote, up to the end of the bytes. */
  public static HourRows read(Key key, BinaryReader in) throws BinaryException {
    in.expectFormat("the rows of an hour", FORMAT);
    HourRows rows = new HourRows(key);
    rows.seq = in.readUnsigned();
    while (in.remaining() > 0) {
      read(rows.readRow(in), in);
    }
    return rows;
  }

  /** Reads what {@link #write(long[], BinaryWriter)} wrote. */
  public static void read(long[] counts, BinaryReader in) throws BinaryException {
    int present = in.readIndex(1 << counts.length);
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (present >>> i & 1) == 0 ? 0 : in.readSigned();
    }
  }

  private long[] readRow(BinaryReader in) throws BinaryException {
    int number = in.readIndex(RESPONSE + 1);
    return switch (number) {
      case HOUR -> at(CountTable.LIST_HEALTH, key.hour, RowDeltas.HOUR, "", "");
      case DAY -> at(CountTable.LIST_HEALTH, key.hour, RowDeltas.DAY, "", "");
      case COHORT -> at(CountTable.SEND_COHORT, key.hour, 0, "", "");
      case DELIVERY -> at(CountTable.DELIVERY_HEALTH, key.hour, 0, in.readText(), in.readText());
      case RESPONSE ->
          at(CountTable.RESPONSE_TIME, key.hour, in.readUnsignedInt(), in.readText(), "");
      default -> minute(key.hour + number * RowDeltas.MINUTE_MILLIS);
    };
  }
}
