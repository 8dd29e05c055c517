/** Everything in Heed that decides, in plain Java: no Flink type is on this module's class path. */
package io.heed.core;
