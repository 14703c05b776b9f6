package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Jobs to route, from a file with a JSON object on each line: {@code {"job": ID, "class": CLASS, "seconds": WHOLE}}. */
final class JobsFile {
    private JobsFile() {}

    /** The jobs, as a replica takes them. */
    static List<Map<String, Object>> read(Path file) {
        List<Map<String, Object>> jobs = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new InvalidArgument("--jobs", file, "a file that is there");
        } catch (IOException e) {
            throw new InvalidArgument("--jobs", file, "a text file that can be read");
        }
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                jobs.add(job(lines.get(i), file + ":" + (i + 1)));
            }
        }
        if (jobs.isEmpty()) {
            throw new InvalidArgument("--jobs", file, "a file with a job on each line");
        }
        return jobs;
    }

    private static Map<String, Object> job(String line, String where) {
        JsonNode job;
        try {
            job = Json.MAPPER.readTree(line);
        } catch (JacksonException e) {
            throw new InvalidArgument("--jobs", where + ": not JSON: " + e.getOriginalMessage());
        }
        boolean right = job.isObject()
                && job.size() == 3
                && job.path("job").isString()
                && job.path("class").isString()
                && job.path("seconds").canConvertToInt()
                && job.path("seconds").isIntegralNumber();
        if (!right) {
            throw new InvalidArgument(
                    where, line, "an object such as {\"job\": \"a\", \"class\": \"always_on.test\", \"seconds\": 60}");
        }
        return Map.of(
                "job",
                job.path("job").asString(),
                "executorClass",
                job.path("class").asString(),
                "executionTimeLimitSeconds",
                job.path("seconds").asInt());
    }
}
