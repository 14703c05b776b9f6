package io.quartermaster.api;

/**
 * The unit of allowance: what one validator may use of one miner's executors of one class.
 *
 * @param validator the validator's hotkey
 * @param miner the miner's hotkey
 * @param executorClass the class of executors
 */
public record Triplet(Hotkey validator, Hotkey miner, ExecutorClass executorClass) {}
