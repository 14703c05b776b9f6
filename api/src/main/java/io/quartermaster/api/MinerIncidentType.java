package io.quartermaster.api;

/** What a miner did wrong with a job. */
public enum MinerIncidentType {
    /** It declined the job, or did not answer. */
    MINER_JOB_REJECTED,
    /** It took the job and did not deliver. */
    MINER_JOB_FAILED,
    /** Its side of the protocol failed. */
    MINER_HORDE_FAILED
}
