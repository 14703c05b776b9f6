package io.quartermaster.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Option;

/** What goes to the log on standard error, and how it looks. */
final class LogOptions {
    private static final String APPENDER = "stderr";

    /** Spring Boot's name for what sets the log up: org.springframework.boot.logging.LoggingSystem.SYSTEM_PROPERTY. */
    private static final String SPRINGS_LOGGING = "org.springframework.boot.logging.LoggingSystem";

    enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--log-level",
            defaultValue = "${env:QM_LOG_LEVEL:-WARN}",
            paramLabel = "LEVEL",
            description = {
                "What goes to the log: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}; environment: QM_LOG_LEVEL).",
                "INFO has what happens to the grid, DEBUG a line for each decision of routing."
            })
    private LogLevel level = LogLevel.WARN;

    @Option(
            names = "--log-format",
            defaultValue = "${env:QM_LOG_FORMAT:-TEXT}",
            paramLabel = "FORMAT",
            description =
                    "TEXT, or JSON with an object a line (default: ${DEFAULT-VALUE}; environment: QM_LOG_FORMAT).")
    private LogFormat format = LogFormat.TEXT;

    /** From now on, also when Spring starts, which would set the log up anew. */
    void apply() {
        System.setProperty(SPRINGS_LOGGING, "none");
        // Tomcat speaks to the log of the JDK, which would print to the terminal as it likes.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level.name().toUpperCase(Locale.ROOT)));
        Appender<ILoggingEvent> appender = root.getAppender(APPENDER);
        if (format == LogFormat.JSON && appender instanceof OutputStreamAppender<ILoggingEvent> lines) {
            JsonLines json = new JsonLines();
            json.setContext(root.getLoggerContext());
            json.start();
            lines.setEncoder(json);
        }
    }
}
