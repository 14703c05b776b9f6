package io.quartermaster.node.app.web;

import static java.util.Map.entry;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.boot.QuartermasterAutoConfiguration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
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
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.handler.MappedInterceptor;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves a replica over HTTP or HTTPS. Closing it does not close the replica.
 *
 * <p>Without tokens it listens on the loopback only: whoever reaches it can spend.
 */
public final class ReplicaHttp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaHttp.class);
    private static final int THREADS_TO_SPARE = 16;
    private static final int CLOSE_SECONDS = 8;

    private final ConfigurableApplicationContext context;
    private final HttpSettings settings;
    private final Optional<CertificateWatch> certificate;

    private ReplicaHttp(ConfigurableApplicationContext context, HttpSettings settings) {
        this.context = context;
        this.settings = settings;
        this.certificate =
                settings.tls().map(tls -> new CertificateWatch(tls, context.getBean(SslBundleRegistry.class)));
    }

    /**
     * Starts serving on the loopback, without tokens.
     *
     * @param replica what to serve
     * @param port the port to listen on; 0 for any free one
     * @return the running server
     * @throws GridUnavailable if the port is taken
     */
    public static ReplicaHttp start(Replica replica, int port) {
        return start(replica, HttpSettings.onLoopback(port));
    }

    /**
     * Starts serving.
     *
     * @param replica what to serve
     * @param settings how
     * @return the running server
     * @throws GridUnavailable if the port is taken
     * @throws InvalidArgument if the tokens, the certificate or the key are not as they should be
     */
    public static ReplicaHttp start(Replica replica, HttpSettings settings) {
        return start(replica, settings, StreamPace.defaults());
    }

    static ReplicaHttp start(Replica replica, HttpSettings settings, StreamPace pace) {
        settings.tls().ifPresent(CertificateWatch::check);
        SpringApplication application = new SpringApplication(Shell.class);
        application.setWebApplicationType(WebApplicationType.SERVLET);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(properties(settings));
        Access access = new Access(settings);
        application.addInitializers((ApplicationContextInitializer<GenericApplicationContext>) context -> {
            context.registerBean(Replica.class, () -> replica, definition -> definition.setDestroyMethodName(""));
            context.registerBean(HttpSettings.class, () -> settings);
            context.registerBean(StreamPace.class, () -> pace);
            context.registerBean(MappedInterceptor.class, () -> new MappedInterceptor(null, access));
        });
        try {
            return new ReplicaHttp(application.run(), settings);
        } catch (ApplicationContextException | PortInUseException e) {
            throw new GridUnavailable(
                    "Port " + settings.port() + " on " + settings.address()
                            + " is in use, perhaps by another replica: choose another one with --http-port",
                    e);
        }
    }

    private static Map<String, Object> properties(HttpSettings settings) {
        Map<String, Object> properties = new TreeMap<>(Map.ofEntries(
                entry("server.address", settings.address()),
                entry("server.port", Integer.toString(settings.port())),
                entry("server.shutdown", "graceful"),
                // Somewhat more is read, so that it can be said what is wrong.
                entry(
                        "server.max-http-request-header-size",
                        4L * settings.limits().headerBytes() + "B"),
                entry("server.tomcat.max-swallow-size", settings.limits().bodyBytes() + "B"),
                // Those that are turned away and the health checks need a thread, too.
                entry(
                        "server.tomcat.threads.max",
                        Integer.toString(settings.limits().atWork() + THREADS_TO_SPARE)),
                entry("server.tomcat.max-keep-alive-requests", "-1"),
                entry("spring.servlet.multipart.enabled", "false"),
                entry("spring.main.lazy-initialization", "true"),
                entry("spring.mvc.formcontent.filter.enabled", "false"),
                entry("spring.lifecycle.timeout-per-shutdown-phase", CLOSE_SECONDS + "s")));
        settings.tls().ifPresent(tls -> {
            String bundle = "spring.ssl.bundle.pem." + CertificateWatch.BUNDLE + ".";
            properties.put(bundle + "keystore.verify-keys", "true");
            properties.put(
                    bundle + "keystore.certificate", tls.certificate().toUri().toString());
            properties.put(bundle + "keystore.private-key", tls.key().toUri().toString());
            properties.put("server.ssl.bundle", CertificateWatch.BUNDLE);
        });
        return properties;
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

    /**
     * Where it answers.
     *
     * @return the address for clients on this machine, such as http://127.0.0.1:8080
     */
    public String url() {
        String host = settings.address().contains(":") ? "[" + settings.address() + "]" : settings.address();
        return (settings.tls().isPresent() ? "https://" : "http://") + host + ":" + port();
    }

    /** How many requests are at work. */
    int atWork() {
        return context.getBean(Doorkeeper.class).atWork();
    }

    /** How many read events as they happen. */
    int eventReaders() {
        return context.getBean(EventStreams.class).readers();
    }

    /** Turns away what is new, finishes what was begun, and stops. */
    @Override
    public void close() {
        certificate.ifPresent(CertificateWatch::close);
        try {
            if (!context.getBean(Doorkeeper.class).close(CLOSE_SECONDS)) {
                LOG.warn("Some requests were not finished within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        context.getBean(EventStreams.class).close();
        context.close();
    }

    /** What Spring starts: every controller of this package. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = QuartermasterAutoConfiguration.class)
    @Import(Problems.class)
    @ComponentScan(useDefaultFilters = false, includeFilters = @Filter(RestController.class))
    static class Shell {
        @Bean
        JsonMapper jsonMapper() {
            return Json.MAPPER;
        }

        @Bean
        EventStreams eventStreams(Replica replica, StreamPace pace) {
            return new EventStreams(replica, pace);
        }

        @Bean
        Doorkeeper doorkeeper(
                HttpSettings settings, @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
            return new Doorkeeper(settings, problems);
        }

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> valves() {
            return factory -> factory.addContextCustomizers(context -> {
                context.getParent().getPipeline().addValve(new ProblemValve());
                context.getPipeline().addValve(new HangUp());
            });
        }
    }
}
