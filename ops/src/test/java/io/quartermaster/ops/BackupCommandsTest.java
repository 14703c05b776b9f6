package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.store.Durability;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A replica's files, backups of it, and what is made of them. */
class BackupCommandsTest {
    private static final Path RECORDING = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
    private static final Hotkey MINER = new Hotkey("5Miner0009");
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int qm(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Qm.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private Replica replica(String data) {
        GridSettings grid = GridSettings.alone().withDirectory(directory.resolve(data), Durability.FSYNC);
        return Replica.replay(
                RecordedChain.open(RECORDING, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withGrid(grid));
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private void flipAByte(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 1);
        }
    }

    @Test
    void aBackupOfARunningReplicaBecomesANewGridWithTheSameBooks() throws Exception {
        Reservation kept;
        try (Replica replica = replica("data");
                ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
            kept = replica.allowance()
                    .reserveAllowance(MINER, GPU, 5, replica.allowance().currentBlock(), new JobId("job-1"));
            replica.allowance().spendAllowance(kept.id());
            String[] backup = {"backup", path("backup"), "--replica", "http://127.0.0.1:" + http.port()};
            assertThat(qm(backup)).as("%s", err).isEqualTo(ExitCodes.OK);
            assertThat(qm(backup)).isEqualTo(ExitCodes.BAD_INPUT);
            assertThat(err.toString()).contains("is there already").hasLineCount(1);
        }
        assertThat(qm("store", "verify", path("backup"))).isEqualTo(ExitCodes.OK);
        assertThat(qm("restore", path("backup"), "--data", path("new"), "--replica", "1/1"))
                .as("%s", err)
                .isEqualTo(ExitCodes.OK);
        assertThat(qm("restore", path("backup"), "--data", path("new"), "--replica", "1/1"))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(err.toString()).contains("it is not empty").hasLineCount(1);

        try (Replica replica = replica("new")) {
            assertThat(replica.ledgers())
                    .filteredOn(ledger -> ledger.miner().equals(MINER))
                    .singleElement()
                    .satisfies(ledger -> assertThat(ledger.booking(kept.id().value())
                                    .orElseThrow()
                                    .spent())
                            .isTrue());
            Reservation next = replica.allowance()
                    .reserveAllowance(MINER, GPU, 5, replica.allowance().currentBlock(), new JobId("job-2"));
            assertThat(next.id()).as("ids are never used again").isNotEqualTo(kept.id());
        }
    }

    @Test
    void aReplicasFilesAreVerifiedDumpedAndCompacted() throws Exception {
        try (Replica replica = replica("data")) {
            replica.allowance()
                    .reserveAllowance(MINER, GPU, 5, replica.allowance().currentBlock(), new JobId("job-1"));
        }
        assertThat(qm("store", "verify", path("data"))).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("good").contains("grid quartermaster replica 1");

        assertThat(qm("store", "dump", path("data"), "--json")).isEqualTo(ExitCodes.OK);
        JsonNode dump = Json.MAPPER.readTree(out.toString());
        assertThat(dump.get("books").findValuesAsString("key")).contains(MINER.value(), "lock/miner-numbers");
        assertThat(qm("store", "dump", path("data"), "--book", "nobody")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("There is no book \"nobody\"").hasLineCount(1);

        assertThat(qm("store", "compact", path("data"))).isEqualTo(ExitCodes.OK);
        assertThat(qm("store", "dump", path("data"), "--json")).isEqualTo(ExitCodes.OK);
        assertThat(Json.MAPPER.readTree(out.toString()).get("books").findValuesAsString("key"))
                .isEqualTo(dump.get("books").findValuesAsString("key"));
    }

    @Test
    void damageIsFoundAndNamed() throws Exception {
        try (Replica replica = replica("data")) {
            assertThat(replica.ledgers()).isNotEmpty();
        }
        Path journal = directory.resolve("data").resolve("journal-000000001");
        flipAByte(journal, Files.size(journal) / 2);

        assertThat(qm("store", "verify", path("data"))).isEqualTo(ExitCodes.REFUSED);
        assertThat(out.toString())
                .contains("journal-000000001")
                .contains("damaged")
                .contains("Not usable")
                .contains("Move the replica's directory away");
        assertThat(qm("run", "--simulate", "--data", path("data"), "--port", "0", "--http-port", "0"))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(err.toString()).contains("does not fit its checksum").hasLineCount(1);
        assertThat(List.of(qm("store", "dump", path("data")), qm("store", "compact", path("data"))))
                .containsOnly(ExitCodes.BAD_INPUT);
    }

    @Test
    void whatIsNoReplicasDirectoryIsSaidToBeNone() {
        assertThat(qm("store", "verify", path("nothing"))).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("is no directory").hasLineCount(1);
        assertThat(qm("restore", path("nothing"), "--data", path("new"), "--replica", "1/1"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(qm("restore", path("nothing"), "--data", path("new"), "--replica", "one"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("--replica").hasLineCount(1);
        assertThat(qm("backup", path("backup"), "--replica", "http://127.0.0.1:1"))
                .isEqualTo(ExitCodes.UNREACHABLE);
        assertThat(Files.exists(directory.resolve("backup"))).isFalse();
    }
}
