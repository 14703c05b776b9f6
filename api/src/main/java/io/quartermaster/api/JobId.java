package io.quartermaster.api;

/**
 * The caller's own id of a job, usually a UUID. It makes reserving and routing safe to repeat: while a job's reservation is
 * active, the same job gets the same reservation again.
 *
 * @param value 1 to 128 letters, digits or any of {@code . _ : + -}
 */
public record JobId(String value) implements Comparable<JobId> {
    /** Checks the id's form. */
    public JobId {
        Checks.name("job", value, 128);
    }

    @Override
    public int compareTo(JobId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
