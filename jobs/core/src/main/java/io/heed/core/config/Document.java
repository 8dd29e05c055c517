package io.heed.core.config;

import java.time.Instant;

/** A configuration document: a file under experiment-config/, a version on {@code sms.config}. */
public interface Document {
  /** Id of the document within its kind. */
  String id();

  /** Instant in event time from which it holds; null: from its publication on. */
  Instant effectiveFrom();
}
