package io.quartermaster.api;

/**
 * How much of a miner's allowance a job could use.
 *
 * @param miner the miner
 * @param availableSeconds executor-seconds that are free in the job's window
 */
public record MinerAllowance(Hotkey miner, double availableSeconds) {}
