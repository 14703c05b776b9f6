package io.quartermaster.node.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingWriterTest {
    private static final ChainInfo HEADER = new ChainInfo(12, new Hotkey("5V"), 0, Map.of());

    private static Path temporary(String suffix) throws IOException {
        Path file = Files.createTempFile("recording", suffix);
        Files.delete(file);
        return file;
    }

    @Property(tries = 300, afterFailure = AfterFailureMode.SAMPLE_FIRST)
    void whatIsWrittenIsRead(
            @ForAll("headers") ChainInfo header,
            @ForAll("recordings") List<Observation> observations,
            @ForAll boolean zipped)
            throws IOException {
        Path file = temporary(zipped ? ".jsonl.gz" : ".jsonl");
        try {
            try (RecordingWriter writer = RecordingWriter.create(file, header)) {
                observations.forEach(writer::write);
            }
            try (RecordingReader reader = RecordingReader.open(file)) {
                assertThat(reader.header()).isEqualTo(header);
                assertThat(reader.stream().toList()).isEqualTo(observations);
            }
        } finally {
            Files.delete(file);
        }
    }

    @Provide
    Arbitrary<List<Observation>> recordings() {
        return Observations.any().list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<ChainInfo> headers() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 65_535),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.maps(Arbitraries.of("A", "B"), Arbitraries.strings())
                                .ofMaxSize(2))
                .as((netuid, lag, params) -> new ChainInfo(netuid, new Hotkey("5V"), lag, params));
    }

    @Nested
    class OnDisk {
        @TempDir
        Path folder;

        private List<Observation> small() {
            return RecordingReaderTest.read(RecordingReaderTest.small());
        }

        @Test
        void listsEqualToThoseOfTheBlockBeforeAreLeftOut() throws IOException {
            Path file = folder.resolve("rec.jsonl");
            try (RecordingWriter writer = RecordingWriter.create(file, HEADER)) {
                small().forEach(writer::write);
            }

            List<String> lines = Files.readAllLines(file);
            assertThat(lines).filteredOn(line -> line.contains("neurons")).hasSize(3);
            assertThat(lines).filteredOn(line -> line.contains("validators")).hasSize(3);
            assertThat(lines.get(3)).isEqualTo("{\"block\":1001,\"time_ms\":1767225624000}");
        }

        @Test
        void whatIsWrittenCanBeReadBeforeTheFileIsClosed() {
            for (String name : List.of("open.jsonl", "open.jsonl.gz")) {
                Path file = folder.resolve(name);
                try (RecordingWriter writer = RecordingWriter.create(file, HEADER)) {
                    for (int i = 0; i < small().size(); i++) {
                        writer.write(small().get(i));
                        try (RecordingReader reader = RecordingReader.open(file)) {
                            assertThat(reader.stream().toList()).isEqualTo(small().subList(0, i + 1));
                        }
                    }
                }
            }
        }

        @Test
        void aRecordingIsNeverOverwritten() throws IOException {
            Path file = Files.writeString(folder.resolve("rec.jsonl"), "precious", UTF_8);

            assertThatThrownBy(() -> RecordingWriter.create(file, HEADER))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageEndingWith("must be a file that does not exist yet");
            assertThat(file).hasContent("precious");
            assertThatThrownBy(() -> RecordingWriter.create(folder.resolve("no/rec.jsonl"), HEADER))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageEndingWith("must be a file in a folder that exists");
        }

        @Test
        void aClosedRecordingTakesNothingMore() {
            RecordingWriter writer = RecordingWriter.create(folder.resolve("rec.jsonl"), HEADER);
            writer.close();
            writer.close();

            BlockSeen block = Observations.block(1);
            assertThatThrownBy(() -> writer.write(block))
                    .isInstanceOf(RecordingException.class)
                    .hasMessageEndingWith(":2: the recording is closed");
        }
    }
}
