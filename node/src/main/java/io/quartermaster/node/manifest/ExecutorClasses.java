package io.quartermaster.node.manifest;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The executor classes that this replica knows. Immutable. */
public final class ExecutorClasses {
    private static final Pattern LINE = Pattern.compile("(\\S+?)\\s*=\\s*(\\d{1,5})(:gpu)?");
    private static final String LINE_FORM =
            "a class, =, and its spin-up time in whole seconds from 0 to 99999, with :gpu after it if it has one";

    private final Map<ExecutorClass, Traits> known;

    private ExecutorClasses(Map<ExecutorClass, Traits> known) {
        this.known = Collections.unmodifiableMap(known);
    }

    /**
     * What is known of a class.
     *
     * @param spinUpSeconds how long an executor of the class takes until it can run a job, from 0 to 99999
     * @param gpu whether it has a GPU
     */
    public record Traits(int spinUpSeconds, boolean gpu) {}

    /**
     * The classes of the subnet as it is.
     *
     * @return five classes
     */
    public static ExecutorClasses defaults() {
        Map<ExecutorClass, Traits> known = new TreeMap<>();
        known.put(new ExecutorClass("spin_up-4min.gpu-24gb"), new Traits(240, true));
        known.put(new ExecutorClass("always_on.gpu-24gb"), new Traits(3, true));
        known.put(new ExecutorClass("always_on.llm.a6000"), new Traits(30, true));
        known.put(new ExecutorClass("always_on.test"), new Traits(3, false));
        known.put(new ExecutorClass("always_on.cpu.8c.16gb"), new Traits(30, false));
        return new ExecutorClasses(known);
    }

    /**
     * These classes and one more; a class that is known already gets new traits.
     *
     * @param line such as {@code always_on.cpu.4c=30} or {@code always_on.gpu-80gb=3:gpu}
     * @return the classes
     * @throws InvalidArgument if the line is not of that form
     */
    public ExecutorClasses with(String line) {
        Matcher matcher = LINE.matcher(line.strip());
        if (!matcher.matches()) {
            throw new InvalidArgument("executorClasses", line, LINE_FORM);
        }
        Map<ExecutorClass, Traits> more = new TreeMap<>(known);
        more.put(
                new ExecutorClass(matcher.group(1)),
                new Traits(Integer.parseInt(matcher.group(2)), matcher.group(3) != null));
        return new ExecutorClasses(more);
    }

    /**
     * All of them.
     *
     * @return in order of name
     */
    public Set<ExecutorClass> all() {
        return known.keySet();
    }

    /**
     * Whether a class is known.
     *
     * @param executorClass the class
     * @return false if no job may ask for it and no manifest of it counts
     */
    public boolean knows(ExecutorClass executorClass) {
        return known.containsKey(executorClass);
    }

    /**
     * What is known of a class; also the check that it is known at all.
     *
     * @param executorClass the class
     * @return its traits
     * @throws InvalidArgument if the class is not known
     */
    public Traits require(ExecutorClass executorClass) {
        Traits traits = known.get(executorClass);
        if (traits == null) {
            throw new InvalidArgument(
                    "executorClass",
                    executorClass.name(),
                    "one of " + known.keySet().stream().map(ExecutorClass::name).collect(Collectors.joining(", ")));
        }
        return traits;
    }
}
