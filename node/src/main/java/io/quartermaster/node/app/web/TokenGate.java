package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.Tokens.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the tokens that count now. Looks once a second whether their file has changed, so that tokens come and go without a
 * restart. A file that has gone leaves no token; one that can't be understood leaves those that were there before, and is said to
 * the log. Safe for use by several threads.
 */
final class TokenGate {
    private static final Logger LOG = LoggerFactory.getLogger(TokenGate.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private volatile Map<String, Token> byHash;
    private volatile Object seen;
    private volatile long lookAgain;

    /** Fails at once if the file is not as it should be, or has no tokens. */
    TokenGate(Path file) {
        this.file = file;
        this.seen = stamp();
        List<Token> tokens = Tokens.read(file);
        if (tokens.isEmpty()) {
            throw new InvalidArgument(
                    "tokens", "The file of tokens " + file + " has none: 'qm token create' makes one");
        }
        this.byHash = byHash(tokens);
        this.lookAgain = System.nanoTime() + LOOK_EVERY_NANOS;
    }

    /** The token that has this text, if it counts. */
    Optional<Token> token(String text) {
        if (System.nanoTime() - lookAgain > 0) {
            look();
        }
        return Optional.ofNullable(byHash.get(Tokens.hash(text))).filter(token -> token.countsAt(Instant.now()));
    }

    private synchronized void look() {
        lookAgain = System.nanoTime() + LOOK_EVERY_NANOS;
        Object now = stamp();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            byHash = Files.exists(file) ? byHash(Tokens.read(file)) : Map.of();
            LOG.info("There are {} tokens now", byHash.size());
        } catch (InvalidArgument e) {
            LOG.error("The tokens stay as they were: {}", e.getMessage());
        }
    }

    private Object stamp() {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(is.lastModifiedTime(), is.size(), String.valueOf(is.fileKey()));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Map<String, Token> byHash(List<Token> tokens) {
        return tokens.stream().collect(Collectors.toMap(Token::sha256, Function.identity(), (one, same) -> one));
    }
}
