package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.HttpSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where and to whom a replica serves HTTP. */
final class HttpOptions {
    private static final int FIRST_PORT = 8080;

    @Option(
            names = "--http-port",
            defaultValue = "-1",
            paramLabel = "PORT",
            description =
                    "Where to serve HTTP, 0 for any free port (default: 8080 for replica 1, 8081 for replica 2, ...).")
    private int port = -1;

    @Option(
            names = "--http-address",
            defaultValue = HttpSettings.LOOPBACK,
            description = {
                "The address to serve HTTP at; beyond the loopback only with --http-tokens",
                "(default: ${DEFAULT-VALUE})."
            })
    private String address = HttpSettings.LOOPBACK;

    @Option(
            names = "--http-tokens",
            paramLabel = "FILE",
            description = {
                "The file of bearer tokens that 'qm token' looks after. It is read again when it changes. Without it",
                "whoever reaches the address may do everything."
            })
    private @Nullable Path tokens;

    @Option(
            names = "--http-tls-certificate",
            paramLabel = "FILE",
            description = "Serve HTTPS with this certificate (PEM), and those that it rests on after it.")
    private @Nullable Path certificate;

    @Option(names = "--http-tls-key", paramLabel = "FILE", description = "The certificate's private key (PEM).")
    private @Nullable Path key;

    @Option(
            names = "--http-max-body",
            defaultValue = "262144",
            paramLabel = "BYTES",
            description = "How many bytes of a body are read (default: ${DEFAULT-VALUE}).")
    private int bodyBytes = HttpSettings.Limits.defaults().bodyBytes();

    @Option(
            names = "--http-max-headers",
            defaultValue = "16384",
            paramLabel = "BYTES",
            description = "How many bytes of address and headers are read (default: ${DEFAULT-VALUE}).")
    private int headerBytes = HttpSettings.Limits.defaults().headerBytes();

    @Option(
            names = "--http-max-requests",
            defaultValue = "128",
            paramLabel = "COUNT",
            description = "How many requests may be at work at once (default: ${DEFAULT-VALUE}).")
    private int atWork = HttpSettings.Limits.defaults().atWork();

    HttpSettings settings(int replica) {
        if ((certificate == null) != (key == null)) {
            throw new InvalidArgument(
                    "--http-tls-certificate",
                    "--http-tls-certificate and --http-tls-key are given together or not at all");
        }
        return new HttpSettings(
                address,
                port >= 0 ? port : FIRST_PORT - 1 + replica,
                Optional.ofNullable(tokens),
                certificate == null || key == null
                        ? Optional.empty()
                        : Optional.of(new HttpSettings.Tls(certificate, key)),
                new HttpSettings.Limits(bodyBytes, headerBytes, atWork));
    }
}
