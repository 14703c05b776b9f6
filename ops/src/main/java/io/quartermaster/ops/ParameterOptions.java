package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.params.DynamicParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The dynamic parameters that a replica is started with: those on the command line go before those in a file, and those before
 * those in the environment.
 */
final class ParameterOptions {
    private static final String PREFIX = "DYNAMIC_";

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUE",
            description = {
                "A dynamic parameter to start a new grid with; repeatable. 'qm params set' changes it later, and what was",
                "set in the grid counts from then on."
            })
    private Map<String, String> params = new HashMap<>();

    @Option(
            names = "--params-file",
            paramLabel = "FILE",
            description = {
                "The same from a file with one NAME=VALUE a line; # begins a comment. --param goes before it, and it",
                "before variables of the same names in the environment."
            })
    private @Nullable Path file;

    /** What is given in all these places, by the parameters' full names. */
    Map<String, String> given(Map<String, String> environment) {
        Map<String, String> given = new TreeMap<>(environment);
        Set<String> known = DynamicParameters.defaults().texts().keySet();
        given.keySet().retainAll(known);
        environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
                .sorted()
                .forEach(name -> System.err.println("qm: the environment has " + name
                        + ", which is not a parameter: 'qm params list' shows those that there are"));
        if (file != null) {
            given.putAll(read(file));
        }
        params.forEach((name, value) -> given.put(fullName(name), value));
        return given;
    }

    /** A parameter's name as it is, or with what all of them begin with. */
    static String fullName(String name) {
        return name.startsWith(PREFIX) ? name : PREFIX + name;
    }

    private static Map<String, String> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new InvalidArgument("--params-file", "The file " + file + " can't be read: " + e);
        }
        Map<String, String> values = new TreeMap<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw new InvalidArgument(
                        file + " line " + number, line, "NAME=VALUE, or a comment that begins with #");
            }
            String name = fullName(line.substring(0, equals).strip());
            if (values.put(name, line.substring(equals + 1).strip()) != null) {
                throw new InvalidArgument(file + " line " + number, line, "a parameter that is not set twice");
            }
        }
        return values;
    }
}
