package io.quartermaster.node.grid;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;

/**
 * What an active reservation is for, as operators see it. Its entry's time to live is an alarm clock; the ledger's deadline
 * is the truth.
 *
 * @param miner the miner
 * @param executorClass the class of executors
 * @param job the job
 * @param blocks how many blocks it holds
 * @param deadlineMillis when it expires, in Unix milliseconds
 */
public record ReservationAlarm(Hotkey miner, ExecutorClass executorClass, JobId job, int blocks, long deadlineMillis) {}
