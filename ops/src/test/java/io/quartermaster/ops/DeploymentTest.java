package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;

/**
 * What is deployed fits what there is: each command line is one that qm takes, and ports, paths, secrets and names lead somewhere.
 * Nothing is started: that takes Docker, Kubernetes and systemd.
 */
class DeploymentTest {
    private static final Path DEPLOY = Path.of("deploy");

    private static List<Map<String, Object>> documents(Path file) throws IOException {
        List<Map<String, Object>> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(new LoaderOptions()))
                .loadAll(Files.readString(file))
                .forEach(document -> documents.add(map(document)));
        return documents;
    }

    @SuppressWarnings("unchecked") // in these files maps are by text
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static Object at(Object node, Object... path) {
        Object found = node;
        for (Object step : path) {
            Object next = step instanceof Integer index
                    ? ((List<?>) found).get(index)
                    : map(found).get(step.toString());
            found = Objects.requireNonNull(next, () -> step + " of " + Arrays.toString(path));
        }
        return found;
    }

    /** What a command line of 'qm run' sets, by option; what qm does not know fails the test. */
    private static Map<String, String> options(List<String> words) {
        assertThat(words.get(0)).isEqualTo("run");
        CommandLine.ParseResult parsed = new CommandLine(new RunCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        Map<String, String> options = new TreeMap<>();
        parsed.matchedOptions()
                .forEach(option -> options.put(option.longestName(), String.join(",", option.stringValues())));
        return options;
    }

    private static List<String> words(Object command) {
        return List.of(command.toString().strip().split("\\s+", -1));
    }

    @Test
    void composeRunsThreeReplicasThatFindEachOther() throws IOException {
        Map<String, Object> compose = documents(DEPLOY.resolve("compose.yaml")).get(0);
        Map<String, Object> services = map(at(compose, "services"));
        List<String> addresses = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            Object replica = at(services, "replica-" + id);
            Map<String, String> run = options(words(at(replica, "command")));
            String address = at(replica, "networks", "grid", "ipv4_address").toString();
            addresses.add(address + ":" + run.get("--port"));
            assertThat(run)
                    .containsEntry("--replica", id + "/3")
                    .containsEntry("--address", address)
                    .containsEntry("--data", "/var/lib/quartermaster")
                    .containsEntry("--http-port", "8080");
            assertThat(at(replica, "volumes", 0)).asString().endsWith(":" + run.get("--data"));
            assertThat(at(replica, "ports").toString()).contains("127.0.0.1:808" + (id - 1) + ":8080");
            for (String file : List.of("--secret-file", "--http-tokens")) {
                String path = at(run, file).toString();
                assertThat(path).startsWith("/run/secrets/");
                assertThat((List<?>) at(replica, "secrets"))
                        .map(Object::toString)
                        .contains(path.substring("/run/secrets/".length()));
            }
        }
        for (int id = 1; id <= 3; id++) {
            assertThat(at(options(words(at(services, "replica-" + id, "command"))), "--members"))
                    .isEqualTo(String.join(",", addresses));
        }
        Object center = at(services, "management-center");
        assertThat(at(center, "network_mode")).isEqualTo("service:replica-1");
        assertThat(at(center, "environment", "MC_DEFAULT_CLUSTER_MEMBERS"))
                .isEqualTo("127.0.0.1:"
                        + options(words(at(services, "replica-1", "command"))).get("--management-center"));
    }

    @Test
    void whatComposeNamesIsThere() throws IOException {
        Map<String, Object> compose = documents(DEPLOY.resolve("compose.yaml")).get(0);
        map(at(compose, "services")).forEach((name, service) -> {
            for (Object volume : (List<?>) map(service).getOrDefault("volumes", List.of())) {
                String source = volume.toString().split(":", 2)[0];
                if (source.startsWith(".")) {
                    assertThat(DEPLOY.resolve(source)).as(name).exists();
                } else {
                    assertThat(map(at(compose, "volumes"))).as(name).containsKey(source);
                }
            }
            for (Object secret : (List<?>) map(service).getOrDefault("secrets", List.of())) {
                assertThat(map(at(compose, "secrets"))).as(name).containsKey(secret.toString());
            }
        });
        Object replica = at(compose, "x-replica");
        assertThat(DEPLOY.resolve(at(replica, "build", "context").toString())
                        .resolve(at(replica, "build", "dockerfile").toString()))
                .exists();
        assertThat(words(String.join(
                        " ",
                        ((List<?>) at(replica, "healthcheck", "test"))
                                .stream().map(Object::toString).toList())))
                .containsExactly("CMD", "/opt/quartermaster/bin/qm", "status");
        for (String file :
                List.of("grafana/datasource.yaml", "grafana/dashboards.yaml", "../management-center/compose.yaml")) {
            assertThat(documents(DEPLOY.resolve(file))).hasSize(1);
        }
        Object targets = at(
                documents(DEPLOY.resolve("prometheus.yml")).get(0),
                "scrape_configs",
                0,
                "static_configs",
                0,
                "targets");
        assertThat((List<?>) targets)
                .map(Object::toString)
                .containsExactly("replica-1:8080", "replica-2:8080", "replica-3:8080");
        // The alerts look for it under this name.
        assertThat(at(documents(DEPLOY.resolve("prometheus.yml")).get(0), "scrape_configs", 0, "job_name"))
                .isEqualTo("quartermaster");
    }

    private static Map<String, Object> manifest(String kind, String name) throws IOException {
        return documents(DEPLOY.resolve(Path.of("kubernetes", "quartermaster.yaml"))).stream()
                .filter(one -> at(one, "kind").equals(kind)
                        && at(one, "metadata", "name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPodRunsTheReplicaOfItsNumber(@TempDir Path directory) throws Exception {
        Object set = manifest("StatefulSet", "quartermaster");
        Object container = at(set, "spec", "template", "spec", "containers", 0);
        assertThat(at(container, "command").toString()).isEqualTo("[/bin/sh, -c]");
        String chain =
                at(manifest("ConfigMap", "quartermaster"), "data", "chain").toString();
        // As Kubernetes expands it, and as the shell then does; the files and qm itself are those of this test.
        Path secrets = Files.createDirectories(directory.resolve("secrets"));
        Path run = Files.createDirectories(directory.resolve("run"));
        for (String secret : List.of("grid-secret", "tokens")) {
            Files.writeString(secrets.resolve(secret), "secret");
        }
        String script = at(container, "args", 0)
                .toString()
                .replace("$(CHAIN)", chain)
                .replace("$$", "$")
                .replace("/etc/quartermaster/secrets", secrets.toString())
                .replace("/run/quartermaster", run.toString())
                .replace("exec /opt/quartermaster/bin/qm", "exec echo");
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", script).redirectErrorStream(true);
        shell.environment().putAll(Map.of("POD_NAME", "quartermaster-1", "POD_IP", "10.1.2.3", "NAMESPACE", "market"));
        Process started = shell.start();
        String printed = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(started.waitFor()).as(printed).isZero();

        Map<String, String> options = options(words(printed));
        assertThat(options)
                .containsEntry("--replica", "2/" + at(set, "spec", "replicas"))
                .containsEntry("--address", "10.1.2.3")
                .containsEntry("--kubernetes", at(set, "spec", "serviceName") + ".market.svc.cluster.local");
        for (String file : List.of("--secret-file", "--http-tokens")) {
            Path copy = Path.of(options.get(file));
            assertThat(copy).hasContent("secret");
            assertThat(Files.getPosixFilePermissions(copy)).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(ports(container))
                .containsEntry("grid", options.get("--port"))
                .containsEntry("http", options.get("--http-port"));
        assertThat(options.get("--data")).startsWith(mount(container, "data"));
    }

    private static Map<String, String> ports(Object container) {
        Map<String, String> ports = new TreeMap<>();
        ((List<?>) at(container, "ports"))
                .forEach(port -> ports.put(
                        at(port, "name").toString(), at(port, "containerPort").toString()));
        return ports;
    }

    private static String mount(Object container, String name) {
        return ((List<?>) at(container, "volumeMounts"))
                .stream()
                        .filter(mount -> at(mount, "name").equals(name))
                        .map(mount -> at(mount, "mountPath").toString())
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void servicesProbesAndTheBudgetFitThePods() throws IOException {
        Object set = manifest("StatefulSet", "quartermaster");
        Object labels = at(set, "spec", "template", "metadata", "labels");
        assertThat(at(set, "spec", "selector", "matchLabels")).isEqualTo(labels);
        Object grid = manifest("Service", at(set, "spec", "serviceName").toString());
        assertThat(at(grid, "spec", "clusterIP")).isEqualTo("None");
        assertThat(at(grid, "spec", "publishNotReadyAddresses")).isEqualTo(true);
        Object container = at(set, "spec", "template", "spec", "containers", 0);
        for (Object service : List.of(grid, manifest("Service", "quartermaster"))) {
            assertThat(at(service, "spec", "selector")).isEqualTo(labels);
            Object port = at(service, "spec", "ports", 0);
            assertThat(ports(container))
                    .containsEntry(
                            at(port, "targetPort").toString(), at(port, "port").toString());
        }
        assertThat(at(manifest("PodDisruptionBudget", "quartermaster"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(manifest("PodDisruptionBudget", "quartermaster"), "spec", "maxUnavailable"))
                .isEqualTo(1);
        assertThat(at(container, "livenessProbe", "httpGet", "path")).isEqualTo("/livez");
        assertThat(at(container, "readinessProbe", "httpGet", "path")).isEqualTo("/readyz");
        assertThat(new TreeSet<>(map(at(set, "spec")).keySet())).contains("volumeClaimTemplates");
        assertThat(mount(container, "data")).isEqualTo("/var/lib/quartermaster");
    }

    @Test
    void theImageHoldsWhatTheBuildMakes() throws IOException {
        String image = Files.readString(DEPLOY.resolve("Dockerfile"));
        assertThat(Path.of("bin", "qm")).isExecutable();
        assertThat(Files.readString(Path.of("bin", "qm"))).contains("target/qm.jar");
        for (String path : List.of("bin/qm", "target/qm.jar", "target/lib")) {
            assertThat(image).contains("COPY --from=build /build/ops/" + path + " /opt/quartermaster/" + path);
        }
        assertThat(image).contains("ENTRYPOINT [\"/opt/quartermaster/bin/qm\"]").contains("USER 10001");
    }

    @Test
    void theUnitRunsAReplica() throws IOException {
        String unit = Files.readString(DEPLOY.resolve("quartermaster.service"));
        Matcher start = Pattern.compile("(?m)^ExecStart=/opt/quartermaster/bin/qm (.*)$")
                .matcher(unit);
        Matcher example = Pattern.compile("(?m)^#\\s+QM_RUN_OPTIONS=(.*)$").matcher(unit);
        assertThat(start.find() && example.find()).isTrue();
        Map<String, String> options = options(words(start.group(1).replace("$QM_RUN_OPTIONS", example.group(1))));
        assertThat(options).containsEntry("--replica", "1/3");
        assertThat(unit).contains("StateDirectory=quartermaster\n");
        assertThat(options.get("--data")).startsWith("/var/lib/quartermaster/");
    }

    @Test
    void systemdUnderstandsTheUnit(@TempDir Path directory) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "there is no systemd-analyze here");
        Path unit = directory.resolve("quartermaster.service");
        // It looks whether what is started is there.
        Files.writeString(
                unit,
                Files.readString(DEPLOY.resolve("quartermaster.service"))
                        .replace(
                                "/opt/quartermaster/bin/qm",
                                Path.of("bin", "qm").toRealPath().toString()));
        Process verify = new ProcessBuilder("systemd-analyze", "verify", "--man=no", unit.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var unused = verify.waitFor();
        assertThat(said.lines().filter(line -> line.contains("quartermaster.service")))
                .isEmpty();
    }
}
