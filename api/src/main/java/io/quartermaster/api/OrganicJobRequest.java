package io.quartermaster.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A user's job. Routing looks at the id, the class, the three time limits and whether the trusted miner was asked for; all
 * else is passed through to the miner unread.
 *
 * @param job the job's UUID
 * @param executorClass the class of executor that it needs
 * @param onTrustedMiner whether it goes to the trusted miner, past all checks
 * @param downloadTimeLimitSeconds whole seconds for fetching its inputs, at least 0
 * @param executionTimeLimitSeconds whole seconds for running, at least 0
 * @param uploadTimeLimitSeconds whole seconds for delivering its outputs, at least 0
 * @param streamingStartTimeLimitSeconds whole seconds until streaming has started, at least 0; not paid for
 * @param dockerImage the image to run; empty if the miner chooses
 * @param args the program's arguments
 * @param env the program's environment
 * @param namespace the job's name space, if any
 * @param volume the inputs, as the JSON that the miner understands, if any
 * @param upload the outputs, as the JSON that the miner understands, if any
 * @param artifactsDir the directory whose files are delivered, if any
 * @param streamingDetails how to stream, as the JSON that the miner understands, if at all
 */
public record OrganicJobRequest(
        JobId job,
        ExecutorClass executorClass,
        boolean onTrustedMiner,
        int downloadTimeLimitSeconds,
        int executionTimeLimitSeconds,
        int uploadTimeLimitSeconds,
        int streamingStartTimeLimitSeconds,
        String dockerImage,
        List<String> args,
        Map<String, String> env,
        Optional<String> namespace,
        Optional<String> volume,
        Optional<String> upload,
        Optional<String> artifactsDir,
        Optional<String> streamingDetails) {

    /** Checks the time limits and copies the collections. */
    public OrganicJobRequest {
        Checks.atLeast("downloadTimeLimitSeconds", downloadTimeLimitSeconds, 0);
        Checks.atLeast("executionTimeLimitSeconds", executionTimeLimitSeconds, 0);
        Checks.atLeast("uploadTimeLimitSeconds", uploadTimeLimitSeconds, 0);
        Checks.atLeast("streamingStartTimeLimitSeconds", streamingStartTimeLimitSeconds, 0);
        args = List.copyOf(args);
        env = Map.copyOf(env);
    }

    /**
     * A request with nothing but what routing needs.
     *
     * @param job the job's UUID
     * @param executorClass the class of executor that it needs
     * @param executionTimeLimitSeconds whole seconds for running
     * @return the request
     */
    public static OrganicJobRequest of(JobId job, ExecutorClass executorClass, int executionTimeLimitSeconds) {
        return new OrganicJobRequest(
                job,
                executorClass,
                false,
                0,
                executionTimeLimitSeconds,
                0,
                0,
                "",
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * What the job has to pay for: download, execution and upload.
     *
     * @return executor-seconds
     */
    public double requiredSeconds() {
        return (double) downloadTimeLimitSeconds + executionTimeLimitSeconds + uploadTimeLimitSeconds;
    }
}
