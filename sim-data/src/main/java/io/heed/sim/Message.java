package io.heed.sim;

import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.Variant;

/**
 * A text that was sent.
 *
 * @param experiment whose variant it carries; null without
 * @param variant that variant
 */
record Message(
    String id,
    Person person,
    Campaign campaign,
    Experiment experiment,
    Variant variant,
    long sentAt) {}
