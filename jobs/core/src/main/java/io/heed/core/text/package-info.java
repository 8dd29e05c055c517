/**
 * Texts before they are sent: how they travel ({@link io.heed.core.text.Segments}) and what is
 * wrong with them ({@link io.heed.core.text.TextCheck}).
 */
package io.heed.core.text;
