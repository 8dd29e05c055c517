/**
 * The client of a sending system: requests verdicts, follows suppressions and caps, reports what
 * was sent. {@link io.heed.client.HeedClient} is the way in, {@link io.heed.client.Example} a whole
 * sending system.
 */
package io.heed.client;
