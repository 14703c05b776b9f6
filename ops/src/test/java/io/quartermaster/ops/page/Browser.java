package io.quartermaster.ops.page;

import static org.awaitility.Awaitility.await;

import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;

/** The browser that Debian installs, without a window, with nothing of its own to fetch. */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    /** Relative to the module; the tools are the whole project's. */
    private static final Path WHY_MISSING = Path.of("..", ".test-tools", "missing-browser");

    /** A busy machine is slow, not wrong. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ChromeDriver driver;
    private final Path profile;

    private Browser(ChromeDriver driver, Path profile) {
        this.driver = driver;
        this.profile = profile;
    }

    /** Skips the tests, and says so where nobody overlooks it, if there is no browser. */
    static Browser openOrSkip() throws IOException {
        if (!Files.isExecutable(CHROMIUM) || !Files.isExecutable(DRIVER)) {
            String why = Files.exists(WHY_MISSING)
                    ? Files.readString(WHY_MISSING).strip()
                    : CHROMIUM + " or " + DRIVER + " is not there; ops/bin/install-test-tools installs them";
            System.err.println("\n!!! The tests of the page in a browser are SKIPPED: " + why + "\n");
            Assumptions.abort("No browser: " + why);
        }
        Path profile = Files.createTempDirectory("page-test-profile");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + profile);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(PATIENCE);
        return new Browser(driver, profile);
    }

    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    void prefer(String colours) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
    }

    void go(String url) {
        driver.get(url);
    }

    String text(String id) {
        return driver.findElement(By.id(id)).getText();
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> findAll(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Clicks on what is there, even if the page draws it anew just then. */
    void click(String css) {
        await(css)
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .until(() -> {
                    find(css).click();
                    return true;
                });
    }

    /** What an element says, read at one moment. */
    String says(String css) {
        return texts(css).get(0);
    }

    /** What several elements say, read at one moment. */
    @SuppressWarnings("unchecked")
    List<String> texts(String css) {
        return (List<String>)
                ask("return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)", css);
    }

    /** Before a replica is closed: an open page would miss it, and complain. */
    void leave() {
        driver.get("about:blank");
    }

    void run(String script, Object... given) {
        driver.executeScript(script, given);
    }

    /** What a script returns. */
    Object ask(String script, Object... given) {
        return Objects.requireNonNull(driver.executeScript(script, given));
    }

    /** What a script hands to its last argument. */
    Object askLater(String script) {
        return Objects.requireNonNull(driver.executeAsyncScript(script));
    }

    /** Presses keys, wherever the focus is: as a keyboard does, which knows no elements. */
    void press(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** What the focus is on, by id or else by what it says. */
    String tab() {
        press(Keys.TAB);
        return (String) ask("const a = document.activeElement; return a.id || a.textContent.trim() || a.tagName");
    }

    void until(String what, BooleanSupplier holds) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(holds::getAsBoolean);
    }

    void picture(String name) throws IOException {
        Path directory = Files.createDirectories(Path.of("target", "page"));
        Files.write(directory.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    /** What the browser has to complain of, since it was asked last. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                complaints.add(entry.getMessage());
            }
        }
        return complaints;
    }

    /** The addresses of all requests that pages sent, since it was asked last; not what the browser reads of itself. */
    List<URI> requests() {
        List<URI> requests = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = Json.MAPPER.readTree(entry.getMessage()).get("message");
            if (message.get("method").asString().equals("Network.requestWillBeSent")) {
                String url = message.get("params").get("request").get("url").asString();
                if (!url.matches("(chrome|data|about):.*")) {
                    requests.add(URI.create(url));
                }
            }
        }
        return requests;
    }

    @Override
    public void close() {
        driver.quit();
        try (var files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // A browser that is still going writes to it: left behind among the temporary files.
            profile.toFile().deleteOnExit();
        }
    }
}
