/** The job {@code optimizer}: signals about recipients. */
package io.heed.flink.optimizer;
