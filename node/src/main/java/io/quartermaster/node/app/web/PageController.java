package io.quartermaster.node.app.web;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.PageBooks.Cell;
import io.quartermaster.node.app.Replica;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Import;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.DigestUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The page for people at {@code /}, its files under {@code /page}, and what it reads under {@code /v1/page}. The files hold nothing of
 * the books, so they need no token.
 */
@RestController
@Import(PageFeed.class)
final class PageController {
    private static final String HOME = "index.html";
    private static final Map<String, MediaType> TYPES = Map.of(
            "html", MediaType.parseMediaType("text/html;charset=UTF-8"),
            "css", MediaType.parseMediaType("text/css;charset=UTF-8"),
            "js", MediaType.parseMediaType("text/javascript;charset=UTF-8"),
            "svg", MediaType.parseMediaType("image/svg+xml"));

    /** Nothing is loaded from, sent to or shown in another place. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Replica replica;
    private final PageFeed feed;

    PageController(Replica replica, PageFeed feed) {
        this.replica = replica;
        this.feed = feed;
    }

    @ApiCall(value = "The page for people.", open = true, produces = "text/html")
    @GetMapping("/")
    ResponseEntity<?> home(@RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String known) {
        return file(HOME, known);
    }

    @ApiCall(
            value = "A file of the page.",
            open = true,
            produces = {"text/html", "text/css", "text/javascript", "image/svg+xml"})
    @GetMapping("/page/{name}")
    ResponseEntity<?> file(
            @PathVariable String name,
            @RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String known) {
        @Nullable MediaType type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        byte[] bytes = type == null || !name.matches("[a-z-]+\\.[a-z]+") ? null : read("page/" + name);
        if (type == null || bytes == null) {
            throw new NotFound("The page has no file " + name);
        }
        String tag = '"' + DigestUtils.md5DigestAsHex(bytes) + '"';
        boolean same = tag.equals(known);
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(same ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
                .cacheControl(CacheControl.noCache())
                .eTag(tag)
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer");
        return same ? answer.build() : answer.contentType(type).body(bytes);
    }

    private static byte @Nullable [] read(String resource) {
        try (InputStream in = PageController.class.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ApiCall(
            value = "For the page: all that changes, live; begins with how things are.",
            produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @GetMapping(path = "/v1/page/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(@RequestParam(required = false) @Nullable String executorClass) {
        return feed.open(Optional.ofNullable(executorClass).map(this::known));
    }

    @ApiCall(
            value = "For the page: what each kept block is to each miner of a class, in a format of its own.",
            produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @GetMapping(path = "/v1/page/heat-map", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    ResponseEntity<byte[]> heatMap(@RequestParam String executorClass) {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(feed.heatMap(known(executorClass)));
    }

    @ApiCall("For the page: the miners of a class, in the order of the heat map's rows.")
    @GetMapping("/v1/page/miners")
    ResponseEntity<PageFeed.Miners> miners(@RequestParam String executorClass) {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(feed.miners(known(executorClass)));
    }

    @ApiCall("For the page: what a block is to a miner's executors of a class, and who holds it.")
    @GetMapping("/v1/page/cell")
    ResponseEntity<Cell> cell(
            @RequestParam String miner, @RequestParam String executorClass, @RequestParam long block) {
        Cell cell = replica.pageBooks()
                .cell(new Hotkey(miner), known(executorClass), block)
                .orElseThrow(() -> new NotFound("No manifest of miner " + miner + " has named class " + executorClass));
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(cell);
    }

    private ExecutorClass known(String name) {
        ExecutorClass executorClass = new ExecutorClass(name);
        if (!replica.executorClasses().contains(executorClass)) {
            throw new InvalidArgument("executorClass", name, "one of " + replica.executorClasses());
        }
        return executorClass;
    }
}
