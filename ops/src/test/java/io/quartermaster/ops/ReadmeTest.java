package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.ReplicaHttp;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void theReadmesProgramCompilesRoutesAndSpends() throws Exception {
        Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(block.find()).isTrue();
        Path source = directory.resolve("TenLines.java");
        Files.writeString(source, block.group(1));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString());
        assertThat(compiled).isZero();

        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process program = new ProcessBuilder(
                        java.toString(), "-cp", directory + File.pathSeparator + classPath, "TenLines")
                .redirectErrorStream(true)
                .start();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(printed).isZero();
        assertThat(printed).containsPattern("send it to 5\\w+, paid with blocks \\[\\d+");
    }

    @Test
    void theReadmesCurlExamplesAreAnswered() throws Exception {
        List<String> examples = Files.readString(Path.of("..", "README.md"))
                .lines()
                .filter(line -> line.startsWith("    curl "))
                .toList();
        assertThat(examples).hasSizeGreaterThan(2);
        try (Quartermaster grid = Quartermaster.simulated();
                ReplicaHttp http = ReplicaHttp.start(grid.replica(), 0)) {
            for (String example : examples) {
                String command = example.strip().replace("http://127.0.0.1:8080", http.url());
                Process curl = new ProcessBuilder("sh", "-c", command + " --fail-with-body")
                        .redirectErrorStream(true)
                        .start();
                String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(curl.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(curl.exitValue()).as(command + "\n" + answer).isZero();
                assertThat(answer).as(command).startsWithIgnoringCase(answer.startsWith("[") ? "[" : "{");
            }
        }
    }
}
