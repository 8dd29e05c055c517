/**
 * Turns exports (CSV, JSON lines) into event streams, as a mapping says. A row's identity is its
 * content, and everything that is invented for it (ids, times, who clicks) follows from that
 * identity, so that a file that is shuffled or fed again gives the same events.
 */
package io.heed.replay;
