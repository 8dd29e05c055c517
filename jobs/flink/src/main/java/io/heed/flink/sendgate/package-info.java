/**
 * The send gate: tells the sending system who must not be texted, who has had enough, and answers
 * its requests. {@link io.heed.flink.sendgate.Intake} reduces records to what the gate decides by;
 * {@link io.heed.flink.sendgate.GateOperator} keeps one value per recipient and lets {@link
 * io.heed.core.gate.Gate} decide.
 */
package io.heed.flink.sendgate;
