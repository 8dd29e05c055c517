/**
 * Reads configuration files. What people write by hand (policies, experiments, scenarios, mappings)
 * is YAML, and what is wrong in it is reported with file, line, field, problem and what is allowed.
 */
package io.heed.core.config;
