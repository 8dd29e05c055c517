/**
 * What the send gate decides, without a cluster: suppression, caps, verdicts, breaches. {@link
 * io.heed.core.gate.Gate} takes a recipient's state and an event and gives the next state and the
 * decisions.
 */
package io.heed.core.gate;
