/**
 * The one binary form of what jobs keep in state and send between operators: {@link
 * io.heed.core.codec.BinaryWriter} and {@link io.heed.core.codec.BinaryReader}; and the one 64-bit
 * hash of ids, {@link io.heed.core.codec.Hash64}.
 */
package io.heed.core.codec;
