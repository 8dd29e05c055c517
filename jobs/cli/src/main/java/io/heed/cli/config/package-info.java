/** The configuration directory: reading it whole, and publishing what changed in it. */
package io.heed.cli.config;
