/** Accounts for people of what was decided and why, from the warehouse. */
package io.heed.cli.explain;
