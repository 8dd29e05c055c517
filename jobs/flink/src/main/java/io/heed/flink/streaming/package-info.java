/**
 * What every job shares: Kafka in and out, event time, options and environment. Sources decode into
 * {@link io.heed.flink.streaming.Input}; {@link io.heed.flink.streaming.EventTimeOperator} gives
 * them timestamps and watermarks; sinks take {@link io.heed.flink.streaming.Output}.
 */
package io.heed.flink.streaming;
