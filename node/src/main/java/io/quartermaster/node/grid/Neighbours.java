package io.quartermaster.node.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether somebody answers at the addresses of replicas that are not in the grid. The engine keeps clusters of another
 * name apart, and says nothing that an operator would see; this says it on both sides.
 */
final class Neighbours {
    private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);
    private static final int CONNECT_MILLIS = 500;

    /** One that has just come back needs a moment to be taken in. */
    private static final int TIMES_BEFORE_SAID = 3;

    private final HazelcastInstance member;
    private final GridSettings settings;
    private final Map<String, Integer> answered = new HashMap<>();
    private volatile Optional<String> strangers = Optional.empty();

    Neighbours(HazelcastInstance member, GridSettings settings) {
        this.member = member;
        this.settings = settings;
    }

    /** Looks once; takes up to half a second for each address. */
    void look() {
        Set<String> here = new HashSet<>();
        for (Member other : member.getCluster().getMembers()) {
            here.add(other.getSocketAddress().getAddress().getHostAddress() + ":"
                    + other.getAddress().getPort());
        }
        for (String address : settings.members()) {
            boolean outside = outside(address, here);
            int times = outside ? answered.merge(address, 1, Integer::sum) : 0;
            if (!outside) {
                answered.remove(address);
            } else if (times == TIMES_BEFORE_SAID) {
                LOG.warn("{}", words(List.of(address)));
            }
        }
        List<String> all = answered.entrySet().stream()
                .filter(entry -> entry.getValue() >= TIMES_BEFORE_SAID)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        strangers = all.isEmpty() ? Optional.empty() : Optional.of(words(all));
    }

    private String words(List<String> addresses) {
        return addresses.stream().collect(Collectors.joining(" and "))
                + " answers, but is not in this grid, which is named " + settings.name()
                + ": is it a replica of a grid of another name, or of another version of the engine?";
    }

    private static boolean outside(String address, Set<String> here) {
        int colon = address.lastIndexOf(':');
        InetSocketAddress resolved =
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        if (resolved.isUnresolved()
                || here.contains(resolved.getAddress().getHostAddress() + ":" + resolved.getPort())) {
            return false;
        }
        try (Socket socket = new Socket()) {
            socket.connect(resolved, CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Who answers and does not belong, in words. */
    Optional<String> strangers() {
        return strangers;
    }
}
