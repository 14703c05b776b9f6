package io.quartermaster.ops.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Reservation;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.SimulatedLoad;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedJobs;
import io.quartermaster.node.chain.SimulatedMiners;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ClassBook;
import io.quartermaster.node.ledger.MinerLedger;
import io.quartermaster.node.ledger.Statement;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page as people see it: a real browser, and a replica whose chain stands still, so that both can be compared. */
@SuppressWarnings("NullAway.Init") // set before all tests
class PageTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final String ORIGIN_HOST = "127.0.0.1";

    private static Browser browser;
    private static Replica replica;
    private static ReplicaHttp http;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.openOrSkip();
        Path recording = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
        replica = Replica.replay(
                RecordedChain.open(recording, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI", "0")));
        http = ReplicaHttp.start(replica, 0);
    }

    @AfterAll
    static void stop() {
        if (http != null) {
            http.close();
            replica.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void show() {
        browser.prefer("light");
        browser.size(1440, 1800);
        open(http);
        browser.run("localStorage.clear(); sessionStorage.setItem('quartermaster-class', arguments[0])", GPU.name());
        open(http);
        browser.until(
                "all is there",
                () -> mapIsThere() && browser.findAll("#parameters-table tr").size() > 10);
    }

    @AfterEach
    void nothingLeavesTheOriginAndNothingIsComplainedOf() {
        assertThat(browser.requests())
                .isNotEmpty()
                .allSatisfy(uri -> assertThat(uri.getHost()).isEqualTo(ORIGIN_HOST));
        assertThat(browser.complaints()).isEmpty();
    }

    private static void open(ReplicaHttp server) {
        browser.go("http://" + ORIGIN_HOST + ":" + server.port() + "/");
        browser.until(
                "the stream is open", () -> browser.text("connection-words").equals("live"));
    }

    private static boolean mapIsThere() {
        return (boolean) browser.ask("return quartermaster.heatMap.miners.length > 0");
    }

    @Test
    void everyCellIsWhatTheLedgerSaysAndChangesWithIt() {
        List<Reservation> reservations = new ArrayList<>();
        for (Hotkey miner : List.of(new Hotkey("5Miner0009"), new Hotkey("5Miner0003"), new Hotkey("5Miner0002"))) {
            reservations.add(replica.allowance()
                    .reserveAllowance(
                            miner, GPU, 25, replica.allowance().currentBlock(), new JobId("cells-" + miner.value())));
        }
        replica.allowance().spendAllowance(reservations.get(0).id());
        browser.until("the page shows what the ledgers say", () -> shown().equals(told()));
        assertThat(String.join("", shown().values()))
                .contains("f")
                .contains("r")
                .contains("s");

        replica.allowance().undoAllowanceReservation(reservations.get(1).id());
        browser.until("the page follows", () -> shown().equals(told()));
        replica.allowance().undoAllowanceReservation(reservations.get(2).id());

        assertThat(rowsOf("miners-table")).isNotEmpty();
    }

    /** What the page shows: a letter for each block, by miner. */
    @SuppressWarnings("unchecked")
    private static Map<String, String> shown() {
        return (Map<String, String>) browser.ask("""
                const map = quartermaster.heatMap;
                const { first, length } = map.range;
                return Object.fromEntries(map.miners.map((miner) =>
                  [miner, Array.from({ length }, (_, i) => map.partOf(miner, first + i)[0]).join("")]));
                """);
    }

    /** What the ledgers say. */
    private static Map<String, String> told() {
        BlockTable blocks = replica.blockTable();
        Hotkey validator = replica.status().validator();
        Map<String, String> told = new HashMap<>();
        for (MinerLedger ledger : replica.ledgers()) {
            ClassBook book = ledger.book(GPU);
            if (book == null) {
                continue;
            }
            StringBuilder row = new StringBuilder();
            for (long block = blocks.oldest(); block <= blocks.newest(); block++) {
                Statement.Part part = Statement.part(
                        book, validator, blocks.units(validator, ledger.miner()), blocks.newest(), block);
                row.append(part.name().toLowerCase(Locale.ROOT).charAt(0));
            }
            told.put(ledger.miner().value(), row.toString());
        }
        return told;
    }

    @Test
    void aRoutedJobAppearsLiveWithItsWhy() {
        JobRoute route = replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("why-me"), GPU, 12));
        browser.until(
                "the decision is there",
                () -> !browser.findAll("details[data-job='why-me']").isEmpty());
        browser.click("details[data-job='why-me'] summary");
        browser.until(
                "its why is there",
                () -> !browser.findAll("details[data-job='why-me'] tbody tr").isEmpty());
        String picked = "details[data-job='why-me'] tr[data-verdict='PICKED']";
        assertThat(browser.find(picked + " button").getDomAttribute("data-miner"))
                .isEqualTo(route.miner().hotkey().value());
        assertThat(browser.says(picked)).contains("picked").contains("0 of ");
        assertThat(browser.says("details[data-job='why-me'] .why p"))
                .contains("Job why-me at block " + replica.allowance().currentBlock());

        browser.until(
                "its reservation is there",
                () -> rowsOf("reservations-table").stream().anyMatch(row -> row.contains("why-me")));
        browser.until("its event is there", () -> browser.text("events-list").contains("job routed"));

        replica.allowance().undoAllowanceReservation(route.reservation().orElseThrow());
        browser.until(
                "its reservation is gone",
                () -> rowsOf("reservations-table").stream().noneMatch(row -> row.contains("why-me")));
    }

    private static List<String> rowsOf(String table) {
        return browser.texts("#" + table + " tbody tr:not(.space)");
    }

    @Test
    void aParameterThatIsNotAtItsDefaultIsMarkedInWords() {
        assertThat(browser.says("#parameters-table tr.changed"))
                .contains("minimum collateral amount wei")
                .contains("changed");
        assertThat(browser.text("parameters-count")).isEqualTo("2 not at their defaults");
    }

    @Test
    void theKeyboardGoesEverywhere() {
        Set<String> reached = new HashSet<>();
        assertThat(browser.tab()).isEqualTo("To the content");
        for (int i = 0; i < 200 && !reached.contains("events-type"); i++) {
            reached.add(browser.tab());
            assertThat(browser.ask("return getComputedStyle(document.activeElement).outlineStyle"))
                    .as("what has the focus can be seen to have it: %s", reached)
                    .isNotEqualTo("none");
        }
        assertThat(reached)
                .contains("Blocks", "theme", "class", "order", "find-miner", "cell-width", "as-table", "map", "hold")
                .contains("miners-filter", "events-type");

        browser.run("document.getElementById('map').focus()");
        browser.press(Keys.END);
        String newest = browser.text("cell");
        assertThat(newest).contains("block " + replica.blockTable().newest());
        browser.press(Keys.ARROW_LEFT);
        assertThat(browser.text("cell"))
                .contains("block " + (replica.blockTable().newest() - 1));
        browser.until("its amount is told", () -> browser.text("cell").contains(" executor"));
        browser.until(
                "it is said aloud",
                () -> Objects.requireNonNull(browser.find("#announcer").getDomProperty("textContent"))
                        .contains("block " + (replica.blockTable().newest() - 1)));
        browser.press(Keys.HOME, Keys.ARROW_DOWN);
        assertThat(browser.text("cell"))
                .contains("block " + replica.blockTable().oldest());
        browser.press(Keys.ENTER);
        assertThat(browser.find("#events-miner").getDomProperty("value")).startsWith("5Miner");
        assertThat(browser.find("#miners-filter").getDomProperty("value")).startsWith("5Miner");
    }

    @Test
    void whatHasTheFocusKeepsItWhenThePageChanges() {
        Hotkey miner = new Hotkey("5Miner0004");
        List<Reservation> held = new ArrayList<>();
        for (String job : List.of("focus-first", "focus-second")) {
            held.add(replica.allowance()
                    .reserveAllowance(miner, GPU, 12, replica.allowance().currentBlock(), new JobId(job)));
        }
        String second = "#reservations-table tr[data-key='" + held.get(1).id() + "'] button";
        browser.until("the reservation is there", () -> !browser.findAll(second).isEmpty());
        browser.run("document.querySelector(arguments[0]).focus()", second);
        replica.allowance().undoAllowanceReservation(held.get(0).id());
        browser.until(
                "the other is gone",
                () -> rowsOf("reservations-table").stream().noneMatch(row -> row.contains("focus-first")));
        assertThat((boolean) browser.ask("return document.activeElement.matches(arguments[0])", second))
                .isTrue();
        replica.allowance().undoAllowanceReservation(held.get(1).id());
        browser.until("the focus is with the table when its row is gone", () ->
                (boolean) browser.ask("return document.activeElement.matches('#reservations-table .view')"));

        replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("focus-event"), GPU, 12));
        String event = "#events-list li:has([title*='focus-event']) button";
        browser.until("its event is there", () -> !browser.findAll(event).isEmpty());
        browser.run("document.querySelector(arguments[0]).focus()", event);
        replica.routing().pickMinerForJobRequest(OrganicJobRequest.of(new JobId("focus-later"), GPU, 12));
        browser.until(
                "a later one is there",
                () -> !browser.findAll("#events-list [title*='focus-later']").isEmpty());
        assertThat((boolean) browser.ask("return document.activeElement.matches(arguments[0])", event))
                .isTrue();
    }

    @Test
    void theMapCanBeReadAsATable() {
        browser.click("#as-table");
        assertThat(browser.find("#map-table table").getDomAttribute("aria-rowcount"))
                .isEqualTo(Integer.toString(told().size() + 1));
        assertThat(rowsOf("map-table")).anySatisfy(row -> assertThat(row).contains("5Miner0009"));
        browser.click("#map-table tbody button");
        browser.until(
                "the runs of a miner are there",
                () -> !browser.findAll("#runs li").isEmpty());
        assertThat(browser.says("#runs li")).containsPattern("^\\d+(–\\d+)? \\w+$");
    }

    @Test
    void darkAsTheSystemSaysOrAsIsChosen() throws IOException {
        String light = ground();
        browser.prefer("dark");
        String dark = ground();
        assertThat(dark).isNotEqualTo(light);
        browser.click("#theme option[value='light']");
        assertThat(ground()).isEqualTo(light);
        open(http);
        assertThat(ground()).isEqualTo(light);
        browser.prefer("light");
        browser.click("#theme option[value='dark']");
        assertThat(ground()).isEqualTo(dark);
    }

    private static String ground() {
        return (String) browser.ask("return getComputedStyle(document.body).backgroundColor");
    }

    @Test
    void everybodyCanReadIt() throws IOException {
        browser.click("#as-table");
        for (String colours : List.of("light", "dark")) {
            browser.prefer(colours);
            browser.run(axe());
            Object violations = browser.askLater("""
                    const done = arguments[arguments.length - 1];
                    axe.run().then((found) => done(found.violations.map((violation) =>
                      violation.id + ": " + violation.help + " " + violation.nodes.map((node) => node.html + " " + node.failureSummary).join(" | "))));
                    """);
            assertThat((List<?>) violations).as(colours).isEmpty();
        }
        // Of how axe itself looks at colours.
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("willReadFrequently"));
    }

    private static String axe() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                PageTest.class.getResourceAsStream("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void nothingIsWiderThanAPhone() throws IOException {
        browser.size(390, 2400);
        assertThat((long) browser.ask("return document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
        browser.picture("phone");
    }

    @Test
    void aLostConnectionIsSaidAndComesBackByItself() {
        int port = http.port();
        http.close();
        browser.until("it is lost", () -> browser.text("connection-words").equals("connection lost"));
        assertThat(browser.text("notices")).contains("What is shown is of then");
        http = ReplicaHttp.start(replica, port);
        browser.until("it is back", () -> browser.text("connection-words").equals("live"));
        assertThat(browser.text("notices")).doesNotContain("lost");
        // What the browser says of the requests that failed meanwhile.
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("net::ERR_"));
    }

    @Test
    void withoutAMajorityThePageSaysSo() throws IOException {
        List<String> members = List.of(freeAddress(), freeAddress(), freeAddress());
        int port = Integer.parseInt(members.get(0).substring(ORIGIN_HOST.length() + 1));
        GridSettings one = GridSettings.of("page-test", 1, ORIGIN_HOST, port, members);
        try (Replica alone = Replica.start(
                        new SimulatedSubnet(SimulationSettings.defaults()),
                        ReplicaSettings.defaults().withGrid(one));
                ReplicaHttp server = ReplicaHttp.start(alone, 0)) {
            open(server);
            browser.until("it waits", () -> browser.text("grid-state").equals("waits"));
            assertThat(browser.text("notices"))
                    .contains("Nothing can be booked here")
                    .contains("a majority");
            assertThat(browser.text("members")).contains("1 here").contains("2").contains("3");
            assertThat(browser.findAll("#members li[data-state='bad']")).hasSize(2);
            assertThat(browser.text("map-empty")).isEqualTo("No block has been taken in yet.");
            browser.picture("no-majority");
            browser.leave();
        }
    }

    private static String freeAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return ORIGIN_HOST + ":" + socket.getLocalPort();
        }
    }

    /** Pictures of it are in {@code target/page}; of 5,000 miners, too, with {@code -Dquartermaster.page.miners=5000}. */
    @Test
    void aSimulatedSubnetMovesOnIt() throws IOException {
        int miners = Integer.getInteger("quartermaster.page.miners", 256);
        SimulationSettings simulation =
                SimulationSettings.defaults().withParticipants(miners, 6).withSpeed(20);
        try (Replica moving = Replica.start(new SimulatedSubnet(simulation), ReplicaSettings.defaults());
                ReplicaHttp server = ReplicaHttp.start(moving, 0);
                SimulatedLoad load = SimulatedLoad.start(
                        moving,
                        new SimulatedMiners(1, simulation.minerMix()),
                        new SimulatedJobs(1, simulation.executorClasses(), 120))) {
            open(server);
            browser.until(
                    "it is full",
                    () -> moving.ready() && mapIsThere() && load.count().succeeded() > 5);
            long block = Long.parseLong(browser.text("block"));
            Object generation = browser.ask("return quartermaster.heatMap.range.generation");
            browser.until("the chain moves", () -> Long.parseLong(browser.text("block")) > block + 2);
            browser.until(
                    "the map moves",
                    () -> !browser.ask("return quartermaster.heatMap.range.generation")
                            .equals(generation));
            browser.until("jobs move", () -> browser.findAll("details.decision").size() > 3);
            assertThat((long) browser.ask("return quartermaster.heatMap.miners.length"))
                    .isGreaterThan(miners / 2);
            assertThat(browser.find("#map-empty").isDisplayed()).isFalse();
            browser.picture(miners + "-light");
            browser.prefer("dark");
            browser.picture(miners + "-dark");
            browser.leave();
        }
    }
}
