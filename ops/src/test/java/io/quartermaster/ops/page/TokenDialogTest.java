package io.quartermaster.ops.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.HttpSettings;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.app.web.Scope;
import io.quartermaster.node.app.web.Tokens;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a replica that lets nobody in without a token. */
class TokenDialogTest {
    @TempDir
    private Path directory;

    @Test
    void itAsksSaysWhatIsWrongAndKeepsTheTokenForTheTabAlone() throws Exception {
        Path tokens = directory.resolve("tokens");
        String routes = Tokens.create(tokens, "routes", Set.of(Scope.ROUTE), Instant.now(), Optional.empty());
        String reads = Tokens.create(tokens, "reads", Set.of(Scope.READ), Instant.now(), Optional.empty());
        try (Browser browser = Browser.openOrSkip();
                Quartermaster grid = Quartermaster.simulated();
                ReplicaHttp http = ReplicaHttp.start(
                        grid.replica(), HttpSettings.onLoopback(0).withTokens(tokens))) {
            browser.go(http.url() + "/");
            browser.until("it asks", () -> browser.find("#token-dialog").isDisplayed());
            assertThat(browser.text("token-why")).startsWith("Give one that may read");

            give(browser, "qm_mistyped");
            browser.until("it is wrong", () -> browser.text("token-why").contains("does not know this token"));
            give(browser, routes);
            browser.until("it may not read", () -> browser.text("token-why").contains("This token may not read"));
            give(browser, reads);
            browser.until("it is let in", () -> browser.text("connection-words").equals("live"));
            assertThat(browser.find("#token-dialog").isDisplayed()).isFalse();

            browser.go(http.url() + "/");
            browser.until(
                    "the tab still has it",
                    () -> browser.text("connection-words").equals("live"));
            assertThat(browser.ask("return JSON.stringify(localStorage) + document.cookie + location.href"))
                    .asString()
                    .doesNotContain(reads);
            browser.run("sessionStorage.clear()");
            browser.go(http.url() + "/");
            browser.until(
                    "a new tab asks again", () -> browser.find("#token-dialog").isDisplayed());
            browser.leave();
        }
    }

    private static void give(Browser browser, String token) {
        browser.until("it asks", () -> browser.find("#token-dialog").isDisplayed());
        browser.find("#token").sendKeys(token);
        browser.click("#token-dialog button");
    }
}
