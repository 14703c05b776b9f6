package io.quartermaster.node.app.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Locks;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.Routing;
import io.quartermaster.node.Quartermaster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A Spring Boot program of its own, with this library on its class path. */
class StarterTest {
    @TempDir
    private Path directory;

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Program {}

    private static ConfigurableApplicationContext started(String... settings) {
        return new SpringApplicationBuilder(Program.class)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .properties("spring.main.banner-mode=off")
                .properties(settings)
                .run();
    }

    @Test
    void threeLinesOfSettingsMakeAProgramAReplicaThatRoutesAndKeepsItsBooks() {
        String[] threeLines = {
            "quartermaster.simulated=true", "quartermaster.speed=20", "quartermaster.data=" + directory.resolve("books")
        };
        Routing routing;
        try (ConfigurableApplicationContext context = started(threeLines)) {
            routing = context.getBean(Routing.class);
            JobRoute route = routing.pickMinerForJobRequest(
                    OrganicJobRequest.of(new JobId("job-1"), new ExecutorClass("always_on.gpu-24gb"), 30));
            context.getBean(Allowance.class).spendAllowance(route.reservation().orElseThrow());

            assertThat(context.getBean(Quartermaster.class).replica().status().jobsRouted())
                    .isEqualTo(1);
            assertThat(context.getBean(Locks.class).held()).isNotEmpty();
        }
        assertThat(directory.resolve("books")).isNotEmptyDirectory();
        OrganicJobRequest late = OrganicJobRequest.of(new JobId("job-2"), new ExecutorClass("always_on.gpu-24gb"), 30);
        assertThatThrownBy(() -> routing.pickMinerForJobRequest(late)).isInstanceOf(GridUnavailable.class);
    }

    @Test
    void aProgramWithoutSettingsIsNoReplica() {
        try (ConfigurableApplicationContext context = started()) {
            assertThat(context.getBeansOfType(Quartermaster.class)).isEmpty();
        }
    }

    @Test
    void aSettingThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> started("quartermaster.simulated=true", "quartermaster.replcia=2"))
                .hasStackTraceContaining("quartermaster.replcia");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> started("quartermaster.lite=ws://127.0.0.1:1", "quartermaster.netuid=12"))
                .hasStackTraceContaining("quartermaster.hotkey is \"none\": must be the validator's address");
        assertThatThrownBy(() -> started("quartermaster.grid=mine"))
                .hasStackTraceContaining("quartermaster names 0 chains");
        assertThatThrownBy(() -> started(
                        "quartermaster.simulated=true", "quartermaster.replica=4", "quartermaster.members=a:1,b:2"))
                .hasStackTraceContaining("quartermaster.replica is 4: must be from 1 to 2, the number of members");
    }
}
