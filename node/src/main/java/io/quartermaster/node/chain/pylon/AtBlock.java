package io.quartermaster.node.chain.pylon;

/**
 * What Pylon says, and of which block.
 *
 * @param <T> what it is
 * @param block the block's number, at least 0
 * @param hash the block's hash: 0x and 64 hexadecimal digits in lower case
 * @param value what it says
 */
public record AtBlock<T>(long block, String hash, T value) {}
