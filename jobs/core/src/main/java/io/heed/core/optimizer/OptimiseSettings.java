package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;

/**
 * What a list's policy says about optimisation.
 *
 * @param horizonDays how far into the future a subscriber is valued: later money counts e times
 *     less after so many days
 * @param margin share of revenue that is net margin
 * @param costMicros average cost of a message
 * @param places messages within {@code placesDays} that the hard caps allow, 0 without one
 * @param placesDays length of that cap's window
 * @param pilot share of a campaign that always passes first
 * @param withheld share of wanted messages that are withheld
 * @param explored share of unwanted messages that pass
 */
public record OptimiseSettings(
    double horizonDays,
    double margin,
    double costMicros,
    int places,
    double placesDays,
    double pilot,
    double withheld,
    double explored) {
  /** Settings without a hard cap. */
  public static OptimiseSettings uncapped(double margin, double costMicros) {
    return new OptimiseSettings(400, margin, costMicros, 0, 30, 0.03, 0.02, 0.01);
  }

  void write(BinaryWriter out) {
    out.writeDouble(horizonDays);
    out.writeDouble(margin);
    out.writeDouble(costMicros);
    out.writeUnsigned(places);
    out.writeDouble(placesDays);
    out.writeDouble(pilot);
    out.writeDouble(withheld);
    out.writeDouble(explored);
  }

  static OptimiseSettings read(BinaryReader in) throws BinaryException {
    return new OptimiseSettings(
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readUnsignedInt(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble());
  }
}
