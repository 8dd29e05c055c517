package io.heed.sim.optimizer;

/**
 * What a control group shows.
 *
 * @param lift value per person of the optimised less that of the control, from what happened
 * @param liftError its standard error
 * @param optOuts share of the optimised who opted out
 * @param controlOptOuts share of the control
 */
public record ControlResult(double lift, double liftError, double optOuts, double controlOptOuts) {}
