package io.heed.core.model;

/** Steps of a sale, and its reversal. */
public enum ConversionKind {
  LEAD,
  QUALIFIED,
  PURCHASE,
  REFUND
}
