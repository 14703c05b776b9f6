package io.quartermaster.api;

/** Why a miner gets no jobs. */
public enum BlacklistReason {
    /** Somebody wants it so. */
    MANUAL,
    /** It failed a job. */
    JOB_FAILED,
    /** It cheated. */
    JOB_CHEATED
}
