package io.quartermaster.api;

import java.time.Instant;

/**
 * That a miner let a job down. There is at most one for a miner and job.
 *
 * @param type what happened
 * @param miner the miner
 * @param job the job
 * @param executorClass the class under which it happened
 * @param time when it was reported
 */
public record MinerIncident(
        MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass, Instant time) {}
