package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code qm run --wallet}: whose file others may read is told so, before anything is started. */
class WalletOptionTest {
    private static final String WORDS = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    @Test
    @Timeout(60)
    void aWalletThatOthersMayReadIsRefused(@TempDir Path directory) throws Exception {
        Path wallet = Files.writeString(directory.resolve("hotkey"), WORDS);
        Files.setPosixFilePermissions(wallet, PosixFilePermissions.fromString("rw-r--r--"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int code = Qm.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "run",
                "--lite",
                "ws://127.0.0.1:1",
                "--netuid",
                "12",
                "--wallet",
                wallet.toString(),
                "--http-port",
                "0");

        assertThat(code).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString())
                .contains(wallet + " may be read by others than its owner: chmod 600 " + wallet)
                .hasLineCount(1);
        assertThat(out.toString() + err).doesNotContain("bottom");
    }
}
