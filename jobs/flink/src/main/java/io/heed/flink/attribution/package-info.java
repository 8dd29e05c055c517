/**
 * The job {@code attribution}: one operator keeps what each recipient did and writes rows of credit
 * as they change; when a UTC day closes it hands on the day's paths and units, from which follow
 * the Markov model of the day, its rows, and the lift of each experiment.
 */
package io.heed.flink.attribution;
