package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/**
 * The file of bearer tokens. A token is 256 random bits, so a plain hash of it tells nothing; the file has only hashes. Nobody but
 * its owner may read or write it. It is replaced whole, so that whoever reads it never sees half of it.
 */
public final class Tokens {
    private static final String MARK = "qm_";
    private static final int SECRET_BYTES = 32;
    private static final String FOR_OWNER = "rw-------";

    private Tokens() {}

    /**
     * A token as it is kept.
     *
     * @param name what people call it
     * @param scopes what it allows, at least one
     * @param created when it was made
     * @param expires when it ends, if it does
     * @param sha256 the hash of its text, in hexadecimal digits
     */
    public record Token(String name, Set<Scope> scopes, Instant created, Optional<Instant> expires, String sha256) {
        /** Checks the fields. */
        public Token {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
                throw new InvalidArgument("name", name, "1 to 64 letters, digits or any of . _ -");
            }
            if (scopes.isEmpty()) {
                throw new InvalidArgument("scope", "none", "one or more of read, route, operate");
            }
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new InvalidArgument("sha256", sha256, "64 hexadecimal digits");
            }
            scopes = Set.copyOf(scopes);
        }

        boolean countsAt(Instant time) {
            return expires.map(time::isBefore).orElse(true);
        }
    }

    /** The file's contents. */
    private record Contents(List<Token> tokens) {}

    /**
     * Reads a file.
     *
     * @param file the file
     * @return the tokens in it, also those that have ended
     * @throws InvalidArgument if it can't be read, others may read it, or it is no file of tokens
     */
    public static List<Token> read(Path file) {
        try {
            String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            if (!permissions.endsWith("------")) {
                throw refused(file, "may be read or written by others than its owner: chmod 600 " + file);
            }
            return List.copyOf(Objects.requireNonNull(Json.MAPPER
                    .readValue(Files.readString(file), Contents.class)
                    .tokens()));
        } catch (IOException e) {
            throw refused(file, "can't be read (" + e.getClass().getSimpleName() + ")");
        } catch (UnsupportedOperationException e) {
            throw refused(file, "is on a file system that does not say who may read it");
        } catch (JacksonException | NullPointerException e) {
            throw refused(file, "is not a file of tokens: make it with 'qm token create'");
        }
    }

    /**
     * Makes a token and adds it to a file, which is made if it is not there.
     *
     * @param file the file
     * @param name what to call it; no other token there may be called so
     * @param scopes what it allows
     * @param created now
     * @param expires when it ends, if it does
     * @return its text, which is kept nowhere
     * @throws InvalidArgument if there is one of that name, or the file can't be read or written
     */
    public static String create(Path file, String name, Set<Scope> scopes, Instant created, Optional<Instant> expires) {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        String text = MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Token token = new Token(name, scopes, created, expires, hash(text));
        change(file, tokens -> {
            if (tokens.stream().anyMatch(known -> known.name().equals(name))) {
                throw new InvalidArgument("name", name, "one that no other token in " + file + " has");
            }
            List<Token> more = new ArrayList<>(tokens);
            more.add(token);
            return more;
        });
        return text;
    }

    /**
     * Takes a token out of a file. Replicas that use the file refuse it within a second.
     *
     * @param file the file
     * @param name what the token is called
     * @throws InvalidArgument if there is none of that name, or the file can't be read or written
     */
    public static void revoke(Path file, String name) {
        change(file, tokens -> {
            List<Token> fewer =
                    tokens.stream().filter(token -> !token.name().equals(name)).toList();
            if (fewer.size() == tokens.size()) {
                Set<String> names = new TreeSet<>();
                tokens.forEach(token -> names.add(token.name()));
                throw new InvalidArgument("name", name, "the name of a token in " + file + ": " + names);
            }
            return fewer;
        });
    }

    private static void change(Path file, Function<List<Token>, List<Token>> how) {
        List<Token> changed = how.apply(Files.exists(file) ? read(file) : List.of());
        try {
            Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
            Path aside = Files.createTempFile(
                    directory,
                    "." + file.getFileName(),
                    ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(FOR_OWNER)));
            try {
                Files.writeString(
                        aside, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(new Contents(changed)));
                Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException e) {
            throw refused(file, "can't be written (" + e.getClass().getSimpleName() + ")");
        }
    }

    static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static InvalidArgument refused(Path file, String why) {
        return new InvalidArgument("tokens", "The file of tokens " + file + " " + why);
    }
}
