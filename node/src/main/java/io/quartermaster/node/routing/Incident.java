package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerIncidentType;
import java.time.Instant;

/**
 * A miner let a job down.
 *
 * @param type what happened
 * @param miner the miner
 * @param job the job
 * @param executorClass the class under which it happened
 * @param time when it was reported
 */
public record Incident(MinerIncidentType type, Hotkey miner, JobId job, ExecutorClass executorClass, Instant time) {}
