package io.quartermaster.api;

import java.time.Duration;

/**
 * When a miner would have enough allowance for a job, if nothing else were booked with it meanwhile: worked out from its newest
 * manifest and from what the newest blocks yielded. What is reserved now counts as gone.
 *
 * @param miner the miner that would have enough first
 * @param block the block at which it would: a job that starts there can be paid
 * @param fromNow about how long that is from now
 */
public record AllowanceForecast(Hotkey miner, long block, Duration fromNow) {}
