package io.heed.core.attribution;

import java.util.Map;

/**
 * The Markov model of a closed day.
 *
 * @param day the UTC day
 * @param removalEffects by channel
 */
public record DayModel(int day, Map<String, Double> removalEffects) {}
