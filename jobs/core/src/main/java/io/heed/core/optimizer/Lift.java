package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;

/**
 * What a click is worth: people whose message was wanted and sent against people whose message was
 * wanted and withheld by chance. Both arms get later messages; so money gained is divided by clicks
 * gained (the estimator of Wald, with the draw as instrument), each within 7 days. Exact sums.
 */
public final class Lift {
  private static final long MICROS_PER_CENT = 10_000;

  /** The credit of attribution is trusted to this share of itself. */
  private static final double CREDIT_ERROR = 0.25;

  private final long[] units = new long[2];
  private final long[] clicks = new long[2];
  private final long[] marginMicros = new long[2];
  private final long[] marginSquares = new long[2];
  private long creditedMicros;
  private long creditedClicks;
  private long credits;

  /** Adds one person's 7 days after a wanted message was sent or withheld. */
  public void addUnit(boolean sent, long clicksWithin, long marginMicrosWithin) {
    int arm = sent ? 1 : 0;
    long cents = marginMicrosWithin / MICROS_PER_CENT;
    units[arm]++;
    clicks[arm] += clicksWithin;
    marginMicros[arm] += marginMicrosWithin;
    marginSquares[arm] += cents * cents;
  }

  /** People's days counted in an arm. */
  public long units(boolean sent) {
    return units[sent ? 1 : 0];
  }

  /** Clicks within 7 days of them. */
  public long clicks(boolean sent) {
    return clicks[sent ? 1 : 0];
  }

  /** Money within 7 days of them, micros. */
  public long marginMicros(boolean sent) {
    return marginMicros[sent ? 1 : 0];
  }

  /** Adds a click, and below the margin that came within 7 days of it. */
  public void addClick() {
    creditedClicks++;
  }

  /** Adds net margin of a conversion within 7 days after a click. */
  public void addCredit(long micros) {
    creditedMicros += micros;
    credits++;
  }

  /** Adds the sums of other people. */
  public void merge(Lift other) {
    for (int arm = 0; arm < 2; arm++) {
      units[arm] += other.units[arm];
      clicks[arm] += other.clicks[arm];
      marginMicros[arm] += other.marginMicros[arm];
      marginSquares[arm] += other.marginSquares[arm];
    }
    creditedMicros += other.creditedMicros;
    creditedClicks += other.creditedClicks;
    credits += other.credits;
  }

  /** Conversions that clicks were credited with. */
  public long credits() {
    return credits;
  }

  /** Net margin of a click in micros, 0 while nothing is known. */
  public double valuePerClickMicros() {
    if (creditedClicks == 0) {
      return 0;
    }
    double credit = (double) creditedMicros / creditedClicks;
    if (units[0] < 2 || units[1] < 2) {
      return credit;
    }
    double clicksGained = (double) clicks[1] / units[1] - (double) clicks[0] / units[0];
    double gained = (double) marginMicros[1] / units[1] - (double) marginMicros[0] / units[0];
    if (clicksGained <= 0) {
      return credit;
    }
    double error = Math.sqrt(squaredError(0) + squaredError(1)) / clicksGained;
    double precision = 1 / (error * error);
    double creditPrecision = 1 / StrictMath.pow(CREDIT_ERROR * Math.max(1, credit), 2);
    double value = precision * gained / clicksGained + creditPrecision * credit;
    return Math.max(0, value / (precision + creditPrecision));
  }

  private double squaredError(int arm) {
    double n = units[arm];
    double mean = (double) marginMicros[arm] / n;
    double square = (double) marginSquares[arm] / n * MICROS_PER_CENT * MICROS_PER_CENT;
    return Math.max(1, square - mean * mean) / n;
  }

  void write(BinaryWriter out) {
    for (int arm = 0; arm < 2; arm++) {
      out.writeUnsigned(units[arm]);
      out.writeUnsigned(clicks[arm]);
      out.writeSigned(marginMicros[arm]);
      out.writeUnsigned(marginSquares[arm]);
    }
    out.writeSigned(creditedMicros);
    out.writeUnsigned(creditedClicks);
    out.writeUnsigned(credits);
  }

  static Lift read(BinaryReader in) throws BinaryException {
    Lift lift = new Lift();
    for (int arm = 0; arm < 2; arm++) {
      lift.units[arm] = in.readUnsigned();
      lift.clicks[arm] = in.readUnsigned();
      lift.marginMicros[arm] = in.readSigned();
      lift.marginSquares[arm] = in.readUnsigned();
    }
    lift.creditedMicros = in.readSigned();
    lift.creditedClicks = in.readUnsigned();
    lift.credits = in.readUnsigned();
    return lift;
  }
}
