/** Erasure of people: on the topics, in the jobs' state, in the warehouse. */
package io.heed.cli.erasure;
