/**
 * The job {@code optimizer}: signals about recipients; and what becomes of promotional messages, as
 * outcomes of people, value models of lists when a day closes, and factors of campaigns.
 */
package io.heed.flink.optimizer;
