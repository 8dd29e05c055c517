/**
 * The send gate: publishes who must not be texted and whose cap is reached, and gives verdicts on
 * the sending system's requests. {@link io.heed.flink.sendgate.Intake} reduces records to what the
 * gate decides by; {@link io.heed.flink.sendgate.GateOperator} keeps one value per recipient and
 * lets {@link io.heed.core.gate.Gate} decide.
 */
package io.heed.flink.sendgate;
