/** The demo: simulated traffic through the whole stack, and its results held against the truth. */
package io.heed.cli.demo;
