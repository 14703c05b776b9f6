package io.quartermaster.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerIncidentType;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.ReservationNotFound;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.store.Durability;
import io.quartermaster.ops.metrics.PromQl.Match;
import io.quartermaster.ops.metrics.PromQl.Selector;
import io.quartermaster.ops.metrics.PrometheusText.Sample;
import io.quartermaster.ops.standin.PublishingChain;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/** The dashboard and the alerts ask for what a running replica serves, and every alert is explained. */
class DashboardTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    /** Labels that Prometheus itself puts on all that it reads. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");

    private static final List<Sample> LIVE = new ArrayList<>();

    @BeforeAll
    static void readTheMetricsOfRunningReplicas(@TempDir Path directory) throws IOException, InterruptedException {
        withBooks(directory);
        withNodes();
    }

    /** A replica with a directory, on a recording, with which some things have happened. */
    private static void withBooks(Path directory) throws IOException, InterruptedException {
        Path recording = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
        ReplicaSettings settings = ReplicaSettings.defaults()
                .withGrid(GridSettings.alone().withDirectory(directory, Durability.FSYNC))
                .withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0"));
        try (Replica replica = Replica.replay(RecordedChain.open(recording, Double.POSITIVE_INFINITY), settings);
                ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
            JobRoute route = replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("job-1"), GPU, 1));
            assertThatThrownBy(() -> replica.allowance().undoAllowanceReservation(new ReservationId(7)))
                    .isInstanceOf(ReservationNotFound.class);
            replica.routing()
                    .reportMinerIncident(
                            MinerIncidentType.MINER_JOB_FAILED, route.miner().hotkey(), new JobId("job-1"), GPU);
            System.gc();
            await().atMost(LONG).until(() -> read(http).body().contains("jvm_gc_pause_seconds_sum"));
            HttpResponse<String> answer = read(http);
            assertThat(answer.headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/plain;version=0.0.4");
            LIVE.addAll(PrometheusText.parse(answer.body()).samples());
        }
    }

    /** A replica on a chain that it reads from a node. */
    private static void withNodes() throws IOException, InterruptedException {
        try (PublishingChain truth = new PublishingChain(new SimulatedSubnet(SimulationSettings.defaults()));
                StandinNode lite = StandinNode.start(truth, 0, StandinFaults.NONE, truth::words);
                Replica replica = Replica.start(
                        SubtensorChain.follow(SubtensorSettings.of(
                                truth.info().netuid(), truth.info().validator(), List.of(lite.uri()), List.of())),
                        ReplicaSettings.defaults());
                ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
            await().atMost(LONG)
                    .until(() -> replica.nodes().stream()
                            .anyMatch(node -> !node.methods().isEmpty()));
            LIVE.addAll(PrometheusText.parse(read(http).body()).samples());
        }
    }

    private static HttpResponse<String> read(ReplicaHttp http) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/metrics"))
                                .build(),
                        BodyHandlers.ofString());
    }

    @Test
    void theDashboardAsksForWhatIsServed() throws IOException {
        JsonNode dashboard = Json.MAPPER.readTree(Files.readString(Path.of("grafana", "quartermaster.json")));
        Set<String> titles = new HashSet<>();
        int queries = 0;
        for (JsonNode panel : dashboard.get("panels")) {
            assertThat(titles.add(panel.get("title").asString()))
                    .as(panel.get("title").asString())
                    .isTrue();
            for (JsonNode target : panel.path("targets")) {
                checkQuery(target.get("expr").asString());
                queries++;
            }
        }
        for (JsonNode variable : dashboard.get("templating").get("list")) {
            String query = variable.get("query").path("query").asString("");
            if (!query.isEmpty()) {
                checkQuery(query.replaceFirst("label_values\\((.*),.*\\)", "$1"));
            }
        }
        assertThat(queries).isGreaterThan(40);
    }

    @Test
    void theAlertsAskForWhatIsServedAndSayWhatTheyMean() throws IOException {
        for (Map<String, Object> alert : alerts()) {
            String name = String.valueOf(alert.get("alert"));
            checkQuery(String.valueOf(alert.get("expr")));
            assertThat(alert).as(name).containsKeys("for", "labels", "annotations");
            assertThat(map(alert.get("labels")).get("severity")).as(name).isIn("critical", "warning", "info");
            assertThat(map(alert.get("annotations")))
                    .as(name)
                    .containsKeys("summary", "description")
                    .containsEntry("runbook", "ops/docs/operating/alerts.md#" + name.toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void everyAlertHasItsPartInTheGuideAndTheOtherWayRound() throws IOException {
        List<String> headings = Files.readAllLines(Path.of("docs", "operating", "alerts.md")).stream()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3))
                .toList();
        assertThat(headings)
                .doesNotHaveDuplicates()
                .containsExactlyElementsOf(alerts().stream()
                        .map(alert -> String.valueOf(alert.get("alert")))
                        .toList());
    }

    @Test
    void theCheckFindsWhatIsNotServed() {
        assertThatThrownBy(() -> checkQuery("rate(quartermaster_no_such_thing_total[5m])"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> checkQuery("quartermaster_ready{no_such_label=\"x\"}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> checkQuery("quartermaster_events_total{type=\"NO_SUCH_TYPE\"}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> checkQuery("sum by (no_such_label) (quartermaster_ready)"))
                .isInstanceOf(AssertionError.class);
    }

    private static void checkQuery(String query) {
        PromQl promQl = PromQl.of(query);
        assertThat(promQl.selectors()).as(query).isNotEmpty();
        Set<String> labels = new HashSet<>(OF_PROMETHEUS);
        for (Selector selector : promQl.selectors()) {
            List<Sample> samples = LIVE.stream()
                    .filter(sample -> sample.name().equals(selector.metric()))
                    .toList();
            // Prometheus itself says whether a replica could be read.
            assertThat(samples.isEmpty() && !selector.metric().equals("up"))
                    .as("%s is not served: %s", selector.metric(), query)
                    .isFalse();
            samples.forEach(sample -> labels.addAll(sample.labels().keySet()));
            for (Match match : selector.matches()) {
                checkMatch(match, samples, query);
            }
        }
        assertThat(labels).as(query).containsAll(promQl.groupedBy());
    }

    private static void checkMatch(Match match, List<Sample> samples, String query) {
        if (OF_PROMETHEUS.contains(match.label())) {
            return;
        }
        Set<String> values = samples.stream()
                .flatMap(sample -> Stream.ofNullable(sample.labels().get(match.label())))
                .collect(Collectors.toSet());
        assertThat(values).as("label %s: %s", match.label(), query).isNotEmpty().containsAll(match.values());
    }

    private static List<Map<String, Object>> alerts() throws IOException {
        Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
        Map<String, Object> file = map(yaml.load(Files.readString(Path.of("prometheus", "alerts.yml"))));
        return list(file.get("groups")).stream()
                .flatMap(group -> list(group.get("rules")).stream())
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object node) {
        return (Map<String, Object>) Objects.requireNonNull(node);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(@Nullable Object node) {
        return (List<Map<String, Object>>) Objects.requireNonNull(node);
    }
}
