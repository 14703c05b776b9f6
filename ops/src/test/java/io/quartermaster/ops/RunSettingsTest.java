package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class RunSettingsTest {
    private static final Path DOCUMENT = Path.of("..", "ops", "docs", "operating", "settings.md");
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\| ([^|]*) \\|.*", Pattern.MULTILINE);

    private final CommandSpec run = CommandSpec.forAnnotatedObject(new RunCommand());
    private final RunSettings settings = new RunSettings(run);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void theCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Path file = file("simulate: true\nspeed: 2\nminers: 5\nseed: 7\n");
        List<String> line = settings.expanded(
                List.of("--settings", file.toString(), "--speed=3"), Map.of("QM_RUN_MINERS", "6", "QM_RUN_SPEED", "9"));
        assertThat(line)
                .containsExactlyInAnyOrder(
                        "--settings", file.toString(), "--speed=3", "--miners=6", "--seed=7", "--simulate");
    }

    @Test
    void theFileCanBeNamedInTheEnvironment() throws IOException {
        Path file = file("calm: true\nno-jobs: false\n");
        assertThat(settings.expanded(List.of(), Map.of("QM_RUN_SETTINGS", file.toString())))
                .containsExactly("--calm");
    }

    @Test
    void listsAndMapsAreWrittenAsYamlHasThem() throws IOException {
        Path file = file("""
                members: [10.0.0.1:5701, 10.0.0.2:5701]
                param:
                  ROUTING_RELIABILITY_SEPARATION: 4.0
                  DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING: false
                """);
        assertThat(settings.expanded(List.of("--settings=" + file), Map.of()))
                .contains(
                        "--members=10.0.0.1:5701,10.0.0.2:5701",
                        "--param=ROUTING_RELIABILITY_SEPARATION=4.0",
                        "--param=DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING=false");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http-prt: 80             | There is no setting http-prt .*did you mean http-port\\?
            'speed: 1\\nspeed: 2'    | .*no YAML.*duplicate key speed.*
            '- 1'                    | .*key: value.*
            simulate: perhaps        | simulate is "perhaps": must be true or false
            speed:                   | speed is "nothing": must be a value.*
            'a: [b'                  | .*no YAML.*
            """)
    void whatIsWrongIsRefused(String text, String says) throws IOException {
        Path file = file(text.replace("\\n", "\n"));
        assertThatThrownBy(() -> settings.expanded(List.of("--settings", file.toString()), Map.of()))
                .isInstanceOf(InvalidArgument.class)
                .satisfies(
                        wrong -> assertThat(String.valueOf(wrong.getMessage()).replace("\n", " "))
                                .matches(says));
    }

    @Test
    void aVariableThatIsNoSettingIsRefused() {
        assertThatThrownBy(() -> settings.expanded(List.of(), Map.of("QM_RUN_SPEEED", "2")))
                .hasMessageContaining("did you mean QM_RUN_SPEED?");
    }

    /** Each key of the document sets its option, and the document has all of them, with their defaults. */
    @Test
    void theDocumentListsEverySettingAndItsDefault() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(DOCUMENT));
        while (rows.find()) {
            documented.put(rows.group(1), rows.group(2).replace("`", "").strip());
        }
        Map<String, String> known = new TreeMap<>();
        for (String key : new TreeSet<>(settings.keys())) {
            OptionSpec option = run.findOption("--" + key);
            String value = option.defaultValue();
            known.put(key, value == null || value.equals("-1") ? "" : value);
        }
        assertThat(documented).isEqualTo(known);
    }

    /** Whatever the file says arrives at the option of the same name. */
    @Test
    void everySettingIsReachable() {
        for (String key : settings.keys()) {
            OptionSpec option = run.findOption("--" + key);
            String value = option.arity().max() == 0 ? "true" : "1";
            List<String> line = settings.expanded(List.of(), Map.of(RunSettings.variable(key), value));
            assertThat(line).as(key).hasSize(1);
            assertThat(line.get(0)).startsWith("--" + key);
        }
        assertThat(new CommandLine(run).getCommandSpec().findOption(RunSettings.FILE_OPTION))
                .isNotNull();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("settings.yaml"), text);
    }
}
