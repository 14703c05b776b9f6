package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The settings of {@code qm run} in a file and in the environment. Every option is a key there, without its dashes. The command
 * line goes before the environment, and that before the file.
 */
final class RunSettings {
    static final String FILE_OPTION = "--settings";

    /** Not QM_ alone: QM_REPLICA and QM_TOKEN are for those who ask a replica, and Kubernetes sets QM_PORT for a service "qm". */
    static final String PREFIX = "QM_RUN_";

    private static final Set<String> NOT_SETTINGS = Set.of("--help", "--version", FILE_OPTION);

    private final Map<String, OptionSpec> options = new TreeMap<>();

    RunSettings(CommandSpec run) {
        for (OptionSpec option : run.options()) {
            if (!NOT_SETTINGS.contains(option.longestName())) {
                options.put(option.longestName().substring(2), option);
            }
        }
    }

    /** The keys that there are. */
    Set<String> keys() {
        return options.keySet();
    }

    /** A key as a variable of the environment. */
    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** The command line with what the environment and the file add to it. */
    List<String> expanded(List<String> arguments, Map<String, String> environment) {
        Set<String> given = arguments.stream()
                .filter(argument -> argument.startsWith("--"))
                .map(argument -> argument.substring(2).replaceFirst("=.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, Object> added = new TreeMap<>();
        @Nullable Path file = file(arguments, environment);
        if (file != null) {
            added.putAll(read(file));
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !name.equals(variable("settings"))) {
                added.put(known("environment", name, keyOf(name)), value);
            }
        });
        List<String> all = new ArrayList<>(arguments);
        added.forEach((key, value) -> {
            if (!given.contains(key)) {
                all.addAll(asArguments(key, value));
            }
        });
        return all;
    }

    private static @Nullable Path file(List<String> arguments, Map<String, String> environment) {
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals(FILE_OPTION) && i + 1 < arguments.size()) {
                return Path.of(arguments.get(i + 1));
            }
            if (arguments.get(i).startsWith(FILE_OPTION + "=")) {
                return Path.of(arguments.get(i).substring(FILE_OPTION.length() + 1));
            }
        }
        @Nullable String named = environment.get(variable("settings"));
        return named == null ? null : Path.of(named);
    }

    private Map<String, Object> read(Path file) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        Object whole;
        try {
            whole = new Yaml(new SafeConstructor(strict)).load(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidArgument(FILE_OPTION, file.toString(), "a file that can be read");
        } catch (YAMLException e) {
            throw new InvalidArgument(FILE_OPTION, "The settings in " + file + " are no YAML: " + e.getMessage());
        }
        Map<String, Object> settings = new TreeMap<>();
        if (whole == null) {
            return settings;
        }
        if (!(whole instanceof Map<?, ?> map)) {
            throw new InvalidArgument(
                    FILE_OPTION, file.toString(), "a YAML file with a line 'key: value' for each setting");
        }
        map.forEach(
                (key, value) -> settings.put(known(file.toString(), String.valueOf(key), String.valueOf(key)), value));
        return settings;
    }

    private String keyOf(String variable) {
        return variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String known(String where, String asWritten, String key) {
        if (options.containsKey(key)) {
            return key;
        }
        String nearest = options.keySet().stream()
                .min((one, other) -> Integer.compare(distance(key, one), distance(key, other)))
                .orElse("");
        throw new InvalidArgument(
                asWritten,
                "There is no setting " + asWritten + " (" + where + "): did you mean "
                        + (where.equals("environment") ? variable(nearest) : nearest) + "?");
    }

    private List<String> asArguments(String key, @Nullable Object value) {
        OptionSpec option = options.get(key);
        if (option != null && option.arity().max() == 0) {
            return switch (String.valueOf(value).toLowerCase(Locale.ROOT)) {
                case "true" -> List.of("--" + key);
                case "false" -> List.of();
                default -> throw new InvalidArgument(key, String.valueOf(value), "true or false");
            };
        }
        if (value == null) {
            throw new InvalidArgument(key, "nothing", "a value, or not there");
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> "--" + key + "=" + entry.getKey() + "=" + entry.getValue())
                    .sorted()
                    .toList();
        }
        if (value instanceof Collection<?> list) {
            return List.of("--" + key + "=" + list.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        return List.of("--" + key + "=" + value);
    }

    /** How many letters must be put in, taken out or replaced (Levenshtein 1966). */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
