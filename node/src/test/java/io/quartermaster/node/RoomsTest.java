package io.quartermaster.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms of the house, and which doors there are between them. */
class RoomsTest {
    private static final String NODE = "io.quartermaster.node.";
    private static final String API = "io.quartermaster.api..";
    private static final List<String> EVERYWHERE = List.of(API, "java..", "org.slf4j..", "org.jspecify..");

    /** What each room may use besides the api, the JDK and logging. */
    private static final Map<String, List<String>> DOORS = Map.ofEntries(
            entry("ledger", List.of("org.pcollections..")),
            entry("locks", List.of()),
            entry("cycle", List.of(NODE + "ledger..", "org.pcollections..")),
            entry("views", List.of()),
            entry("store", List.of("org.mapdb..", "kotlin..")),
            entry("params", List.of()),
            entry("events", List.of()),
            entry(
                    "collateral",
                    List.of(NODE + "events..", NODE + "chain..", NODE + "keys..", "org.web3j..", "tools.jackson..")),
            entry("receipts", List.of(NODE + "events..", NODE + "chain..", NODE + "keys..", "tools.jackson..")),
            entry("manifest", List.of(NODE + "events..", NODE + "params..")),
            entry(
                    "keys",
                    List.of(
                            "org.bouncycastle..",
                            "cafe.cryptography..",
                            "org.web3j..",
                            "javax.crypto..",
                            "tools.jackson..")),
            entry("chain", List.of(NODE + "keys..", NODE + "events..", "tools.jackson..", "javax.net..")),
            entry(
                    "grid",
                    List.of(
                            NODE + "ledger..",
                            NODE + "locks..",
                            NODE + "cycle..",
                            NODE + "views..",
                            NODE + "store..",
                            NODE + "events..",
                            NODE + "params..",
                            NODE + "receipts..",
                            "com.hazelcast..",
                            "javax.crypto..",
                            "org.pcollections..")),
            entry(
                    "app.metrics",
                    List.of(
                            NODE + "ledger..",
                            NODE + "grid..",
                            NODE + "chain..",
                            NODE + "events..",
                            NODE + "store..",
                            NODE + "receipts..",
                            "io.micrometer..",
                            "org.pcollections..")),
            entry(
                    "routing",
                    List.of(
                            NODE + "ledger..",
                            NODE + "cycle..",
                            NODE + "params..",
                            NODE + "events..",
                            NODE + "collateral..",
                            NODE + "receipts..",
                            NODE + "manifest..")));

    private final JavaClasses house = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.quartermaster");

    @TestFactory
    Stream<DynamicTest> eachRoomUsesOnlyWhatItsDoorsLeadTo() {
        return DOORS.keySet().stream()
                .sorted()
                .map(room -> DynamicTest.dynamicTest(room, () -> {
                    List<String> allowed = new ArrayList<>(EVERYWHERE);
                    allowed.add(NODE + room + "..");
                    allowed.addAll(DOORS.getOrDefault(room, List.of()));
                    ArchRule rule = classes()
                            .that()
                            .resideInAPackage(NODE + room + "..")
                            .should()
                            .onlyDependOnClassesThat()
                            .resideInAnyPackage(allowed.toArray(String[]::new));
                    rule.check(house);
                }));
    }

    @Test
    void theApiNeedsNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage(API)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(API, "java..", "org.jspecify..")
                .check(house);
    }

    @Test
    void onlyTheGridKnowsHazelcast() {
        onlyIn("grid", "com.hazelcast..");
    }

    @Test
    void onlyTheStoreKnowsMapDb() {
        onlyIn("store", "org.mapdb..");
    }

    @Test
    void onlyTheAppKnowsSpring() {
        onlyIn("app", "org.springframework..");
    }

    @Test
    void onlyTheMetersKnowMicrometer() {
        onlyIn("app.metrics", "io.micrometer..");
    }

    /** What is pure is told the time and hands back what it draws from. */
    @Test
    void thePureRoomsReadNoClockAndDrawNoUnseededNumbers() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        NODE + "ledger..",
                        NODE + "views..",
                        NODE + "locks..",
                        NODE + "cycle..",
                        NODE + "routing..",
                        NODE + "params..",
                        NODE + "manifest..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.concurrent.ThreadLocalRandom.class)
                .check(house);
    }

    private void onlyIn(String room, String technology) {
        noClasses()
                .that()
                .resideOutsideOfPackage(NODE + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(technology)
                .check(house);
    }
}
