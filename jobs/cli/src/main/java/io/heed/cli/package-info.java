/** The command {@code heed}: its subcommands, each a class of its own. */
package io.heed.cli;
