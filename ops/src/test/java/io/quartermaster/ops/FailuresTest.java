package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.events.EventType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guide says of everything that can go wrong what it means. */
class FailuresTest {
    private static final Path GUIDE = Path.of("docs", "operating");
    private static final Pattern ROW = Pattern.compile("^\\| `?(\\w+)`? \\|.*");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Path PROBLEMS =
            Path.of("..", "node/src/main/java/io/quartermaster/node/app/web/ProblemType.java");

    /** The first column of the table under a heading. */
    private static Set<String> rows(String heading) throws IOException {
        List<String> lines = Files.readAllLines(GUIDE.resolve("failures.md"));
        return lines.stream()
                .dropWhile(line -> !line.equals("## " + heading))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void everyEventIsExplained() throws IOException {
        assertThat(rows("Events"))
                .containsAll(Arrays.stream(EventType.values()).map(Enum::name).toList());
    }

    @Test
    void everyExitCodeIsExplained() throws IOException {
        List<String> codes = Pattern.compile("%n {2}(\\d+) ")
                .matcher(ExitCodes.HELP)
                .results()
                .map(code -> code.group(1))
                .toList();
        assertThat(codes).hasSizeGreaterThan(4);
        assertThat(rows("Exit codes")).containsAll(codes);
    }

    /** HTTP names a problem as the program does, in one word. */
    @Test
    void everyProblemIsExplained() throws IOException {
        List<String> problems = Pattern.compile("(?m)^ {4}([A-Z_]+)\\(\\d{3}, ")
                .matcher(Files.readString(PROBLEMS))
                .results()
                .map(problem -> oneWord(problem.group(1)))
                .toList();
        assertThat(problems).contains("GridUnavailable", "InvalidArgument", "NotEnoughAllowance");
        assertThat(rows("Problems")).containsAll(problems);
    }

    private static String oneWord(String constant) {
        return Arrays.stream(constant.split("_", -1))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    @Test
    void everyLinkOfTheGuideLeadsSomewhere() throws IOException {
        try (Stream<Path> pages = Files.list(GUIDE)) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher link = LINK.matcher(Files.readString(page));
                while (link.find()) {
                    assertThat(GUIDE.resolve(link.group(1)))
                            .as("%s links %s", page, link.group(1))
                            .exists();
                }
            }
        }
    }
}
