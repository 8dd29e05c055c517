/**
 * Experiments: what their files say, who is in them and what counts for them, when they are decided
 * and what new recipients get. Plain Java over {@link io.heed.core.statistics}; the job only keeps
 * its values and passes it the time.
 */
package io.heed.core.experiments;
