package io.quartermaster.node.grid;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a replica says of itself to the others, for all to see: an attribute of its member. That it belongs to the grid it
 * proves to each of them with the grid's secret, bound to both lives so that a proof is of no use to anybody else.
 *
 * @param format the version of everything that replicas say to each other
 * @param life unlike that of any other start of any replica
 * @param replica its id
 * @param replicas how many there are
 * @param mustAgree settings that must be the same on all
 */
record Card(int format, String life, int replica, int replicas, Map<String, String> mustAgree) {
    static final int FORMAT = 4;
    static final String ATTRIBUTE = "quartermaster.card";

    String text() {
        StringBuilder text = new StringBuilder(format + "\n" + life + "\n" + replica + "\n" + replicas + "\n");
        new TreeMap<>(mustAgree)
                .forEach((name, value) ->
                        text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    static Optional<Card> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        String[] lines = text.split("\n", -1);
        try {
            Map<String, String> mustAgree = new TreeMap<>();
            for (int i = 4; i < lines.length - 1; i++) {
                int equals = lines[i].indexOf('=');
                mustAgree.put(lines[i].substring(0, equals), lines[i].substring(equals + 1));
            }
            return Optional.of(new Card(
                    Integer.parseInt(lines[0]),
                    lines[1],
                    Integer.parseInt(lines[2]),
                    Integer.parseInt(lines[3]),
                    mustAgree));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** What keeps two replicas from being of one grid, in words. */
    Optional<String> differenceFrom(Card other) {
        if (format != other.format) {
            return Optional.of("its format version is " + other.format + ", here it is " + format);
        }
        if (replicas != other.replicas) {
            return Optional.of("it is set up for " + other.replicas + " replicas, this one for " + replicas);
        }
        Set<String> names = new TreeSet<>(mustAgree.keySet());
        names.addAll(other.mustAgree.keySet());
        for (String name : names) {
            String here = mustAgree.getOrDefault(name, "not set");
            String there = other.mustAgree.getOrDefault(name, "not set");
            if (!there.equals(here)) {
                return Optional.of("its " + name + " is " + there + ", here it is " + here);
            }
        }
        if (replica == other.replica) {
            return Optional.of("it has the id of this replica, " + replica);
        }
        return Optional.empty();
    }

    /** Proves to another replica that this one knows the secret. */
    byte[] proofTo(Card other, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            // A MAC needs a key of some length even where there is no secret.
            mac.init(new SecretKeySpec(("quartermaster:" + secret).getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal((text() + "\0" + other.text()).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
        }
    }

    boolean provenBy(byte[] proof, Card to, String secret) {
        return MessageDigest.isEqual(proof, proofTo(to, secret));
    }
}
