package io.quartermaster.node.app.web;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.node.app.Replica;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves a replica over HTTP. Closing it does not close the replica.
 *
 * <p>It listens on the loopback only: whoever reaches it can spend.
 */
public final class ReplicaHttp implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final ConfigurableApplicationContext context;

    private ReplicaHttp(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /**
     * Starts serving.
     *
     * @param replica what to serve
     * @param port the port to listen on; 0 for any free one
     * @return the running server
     * @throws GridUnavailable if the port is taken
     */
    public static ReplicaHttp start(Replica replica, int port) {
        SpringApplication application = new SpringApplication(Shell.class);
        application.setWebApplicationType(WebApplicationType.SERVLET);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(Map.of(
                "server.address", LOOPBACK,
                "server.port", Integer.toString(port),
                "server.error.include-stacktrace", "never",
                "spring.main.lazy-initialization", "true",
                "spring.threads.virtual.enabled", "false"));
        application.addInitializers((ApplicationContextInitializer<GenericApplicationContext>) context ->
                context.registerBean(Replica.class, () -> replica, definition -> definition.setDestroyMethodName("")));
        try {
            return new ReplicaHttp(application.run());
        } catch (ApplicationContextException | PortInUseException e) {
            throw new GridUnavailable(
                    "Port " + port + " on " + LOOPBACK
                            + " is in use, perhaps by another replica: choose another one with --http-port",
                    e);
        }
    }

    /**
     * Where it listens.
     *
     * @return the port
     */
    public int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
    }

    @Override
    public void close() {
        context.close();
    }

    /** What Spring starts: every controller of this package. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Problems.class)
    @ComponentScan(useDefaultFilters = false, includeFilters = @Filter(RestController.class))
    static class Shell {
        @Bean
        JsonMapper jsonMapper() {
            return Json.MAPPER;
        }
    }
}
