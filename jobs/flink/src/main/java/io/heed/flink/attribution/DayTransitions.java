package io.heed.flink.attribution;

import io.heed.core.attribution.TransitionCounts;

/**
 * Steps of paths that ended on one day.
 *
 * @param day the UTC day
 * @param counts how often each step was taken; negative where paths are taken back
 */
record DayTransitions(int day, TransitionCounts counts) {}
