package io.heed.core.experiments;

import java.util.List;

/**
 * How fast recipients come to an experiment, all arms together: each of them once, by the first
 * message.
 *
 * @param description of it, in a sentence that begins with "At"
 * @param reached how many people have been reached after 1, 2, 3, ... hours, ascending
 * @param perHour how many more come in every hour after that; 0 for none
 */
public record Traffic(String description, List<Double> reached, double perHour) {
  /** Copies the list. */
  public Traffic {
    reached = List.copyOf(reached);
  }

  /** As many recipients in every hour, without end. */
  public static Traffic steady(double perHour) {
    return new Traffic(
        "%,.0f recipients per hour, of all arms together".formatted(perHour), List.of(), perHour);
  }

  /** Recipients after so many hours. */
  public double by(double hours) {
    if (hours <= 0) {
      return 0;
    }
    int whole = (int) Math.min(reached.size(), Math.floor(hours));
    double before = whole == 0 ? 0 : reached.get(whole - 1);
    return whole < reached.size()
        ? before + (hours - whole) * (reached.get(whole) - before)
        : before + (hours - whole) * perHour;
  }

  /** Hours until so many recipients have come; infinite if they never do. */
  public double until(double recipients) {
    double before = 0;
    for (int hour = 0; hour < reached.size(); hour++) {
      if (reached.get(hour) >= recipients) {
        double gained = reached.get(hour) - before;
        return gained > 0 ? hour + (recipients - before) / gained : hour;
      }
      before = reached.get(hour);
    }
    return recipients <= before
        ? reached.size()
        : perHour > 0 ? reached.size() + (recipients - before) / perHour : Double.POSITIVE_INFINITY;
  }

  /** The most people that can ever come. */
  public double people() {
    return perHour > 0
        ? Double.POSITIVE_INFINITY
        : reached.isEmpty() ? 0 : reached.get(reached.size() - 1);
  }
}
