package io.quartermaster.api;

/**
 * A miner's newest statement of its executors of one class.
 *
 * @param miner the miner
 * @param executorClass the class
 * @param block the block at which the statement was read
 * @param executors how many executors, after the cap of the class; 0 if the miner did not answer
 */
public record Manifest(Hotkey miner, ExecutorClass executorClass, long block, int executors) {}
