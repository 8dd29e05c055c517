/**
 * The job {@code experiments}: sends, assignments and outcomes in; decisions, result rows and
 * alerts out. What decides is {@link io.heed.core.experiments}.
 */
package io.heed.flink.experiments;
