package io.quartermaster.ops.standin;

/**
 * What is wrong with a Pylon, and how old it is.
 *
 * @param latencyMillis how long it takes for each answer
 * @param errors the probability, from 0 to 1, that it answers that its node is unavailable
 * @param garbage the probability that a proxy answers in its place, in HTML
 * @param cuts the probability that the connection ends in the middle of an answer
 * @param login whether it is one of the older ones: these have a login, and check no token anywhere else
 */
public record StandinPylonFaults(long latencyMillis, double errors, double garbage, double cuts, boolean login) {
    /** A new Pylon with which nothing is wrong. */
    public static final StandinPylonFaults NONE = new StandinPylonFaults(0, 0, 0, 0, false);

    /**
     * The same for a service that takes a while to answer.
     *
     * @param millis how long
     * @return new faults
     */
    public StandinPylonFaults slow(long millis) {
        return new StandinPylonFaults(millis, errors, garbage, cuts, login);
    }

    /**
     * The same for a service whose answers can't be relied on.
     *
     * @param error the probability that its node is unavailable
     * @param html the probability that a proxy answers in its place
     * @param cut the probability that the connection ends in the middle of an answer
     * @return new faults
     */
    public StandinPylonFaults unreliable(double error, double html, double cut) {
        return new StandinPylonFaults(latencyMillis, error, html, cut, login);
    }

    /**
     * The same for an older service.
     *
     * @return new faults
     */
    public StandinPylonFaults withLogin() {
        return new StandinPylonFaults(latencyMillis, errors, garbage, cuts, true);
    }
}
