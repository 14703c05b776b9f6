package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each sentence of the references is held by tests, and these are there. */
class ReferenceTableTest {
    private static final Path TABLE = Path.of("..", "ops", "docs", "routing-reference.md");
    private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

    private record Row(String sentence, String tests) {}

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && !row.group(1).equals("sentence")) {
                rows.add(new Row(row.group(1), row.group(2)));
            }
        }
        return rows;
    }

    private static Optional<String> source(String testClass) throws IOException {
        for (String module : List.of("api", "node", "ops")) {
            Path root = Path.of("..", module, "src", "test", "java");
            if (!Files.isDirectory(root)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(root)) {
                Optional<Path> file =
                        files.filter(path -> path.endsWith(testClass + ".java")).findFirst();
                if (file.isPresent()) {
                    return Optional.of(Files.readString(file.get()));
                }
            }
        }
        return Optional.empty();
    }

    @Test
    void everyTestThatTheTableNamesExists() throws IOException {
        for (Row row : rows()) {
            Matcher test = TEST.matcher(row.tests());
            int named = 0;
            while (test.find()) {
                named++;
                String method = test.group(2);
                assertThat(source(test.group(1)))
                        .as("%s: %s", row.sentence(), test.group())
                        .hasValueSatisfying(source -> assertThat(source)
                                .containsPattern("@(Test|ParameterizedTest|Property|RepeatedTest)[^;]*\\bvoid " + method
                                        + "\\("));
            }
            assertThat(named).as("tests for: %s", row.sentence()).isPositive();
        }
    }

    /** The numbers of the references' lists, as they stand there. */
    @Test
    void noNumberedSentenceIsLeftOut() throws IOException {
        List<String> sentences = rows().stream().map(Row::sentence).toList();
        List<String> expected = new ArrayList<>();
        for (String flow : List.of("1", "2.1", "2.2", "2.3", "2.4", "3", "4")) {
            expected.add("Flow " + flow);
        }
        for (int number = 1; number <= 8; number++) {
            expected.add("Method " + number);
        }
        for (String overview : List.of("1", "2", "3", "4", "5.1", "5.2.1", "5.2.2", "6", "7", "8")) {
            expected.add("Overview " + overview);
        }
        for (String number : List.of("1", "2", "2.1", "2.2", "2.3", "2.4", "2.5", "3", "4", "5")) {
            expected.add("Cycle flow " + number);
        }
        for (int number = 1; number <= 6; number++) {
            expected.add("Cycle responsibility " + number);
        }
        for (String start : expected) {
            assertThat(sentences)
                    .as(start)
                    .anyMatch(sentence -> sentence.startsWith(start + ":") || sentence.startsWith(start + ","));
        }
    }
}
