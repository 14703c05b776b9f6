package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ops/bin/qm}, with a java that prints what it was given. */
class LauncherTest {
    @TempDir
    private Path home;

    @BeforeEach
    void install() throws Exception {
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("target"));
        Files.copy(Path.of("bin", "qm"), home.resolve("bin/qm"));
        Path java = home.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        for (Path script : List.of(home.resolve("bin/qm"), java)) {
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
    }

    private record Answer(int code, List<String> lines) {}

    private Answer qm(Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/qm").toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("QM_JAVA_OPTS");
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Answer(process.exitValue(), lines);
    }

    private void build() throws Exception {
        Files.createFile(home.resolve("target/qm.jar"));
    }

    @Test
    void aReplicaThatHasNoMemoryLeftEnds() throws Exception {
        build();
        String jar = home.toRealPath().resolve("target/qm.jar").toString();
        assertThat(qm(Map.of(), "run", "--simulate").lines())
                .containsExactly("-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError", "-jar", jar, "run", "--simulate");
        assertThat(qm(Map.of(), "status").lines()).doesNotContain("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void theCollectorThatIsAskedForIsTheOnlyOne() throws Exception {
        build();
        Map<String, String> options = Map.of("QM_JAVA_OPTS", "-Xmx4g -XX:+UseG1GC");
        for (String command : List.of("run", "status", "bench")) {
            assertThat(qm(options, command).lines())
                    .contains("-Xmx4g", "-XX:+UseG1GC", command)
                    .doesNotContain("-XX:+UseParallelGC", "-XX:+UseSerialGC");
        }
        assertThat(qm(options, "run").lines()).contains("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        Answer unbuilt = qm(Map.of(), "status");
        assertThat(unbuilt.code()).isEqualTo(70);
        assertThat(unbuilt.lines()).singleElement().asString().contains("build it first");

        build();
        Answer javaless = qm(Map.of("JAVA_HOME", home.resolve("nowhere").toString()), "status");
        assertThat(javaless.code()).isEqualTo(70);
        assertThat(javaless.lines()).singleElement().asString().contains("no java found");
    }
}
