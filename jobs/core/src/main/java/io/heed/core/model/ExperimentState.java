package io.heed.core.model;

/** State of an experiment; all but RUNNING are final. */
public enum ExperimentState {
  RUNNING,
  WINNER,
  NO_DIFFERENCE,
  STOPPED_HARM,
  INVALID,
  EXPIRED
}
