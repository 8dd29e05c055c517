/** The job {@code list-health}: keeps state and time for {@link io.heed.core.listhealth}. */
package io.heed.flink.listhealth;
