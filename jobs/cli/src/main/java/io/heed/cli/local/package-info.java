/**
 * The local stack: Kafka, ClickHouse and Flink, each in a JVM of its own, so that each can fail, be
 * killed and come back without the others.
 */
package io.heed.cli.local;
