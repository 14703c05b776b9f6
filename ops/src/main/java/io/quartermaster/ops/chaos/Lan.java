package io.quartermaster.ops.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * A network of the fault test's own: a namespace for each replica, joined by a bridge in one more, with a packet filter in
 * each. Needs the rights to make them (root) and the commands {@code ip} and {@code iptables}; where they are missing, replicas
 * are on the loopback and no fault of the network can be made.
 */
final class Lan implements AutoCloseable {
    private static final String SUBNET = "10.77.0.";
    private final String prefix;
    private final int replicas;
    private final boolean real;

    Lan(int replicas, String prefix) {
        this.replicas = replicas;
        this.prefix = prefix;
        close();
        this.real = build();
    }

    /** Whether it can be cut. */
    boolean real() {
        return real;
    }

    private String name(int replica) {
        return prefix + replica;
    }

    private boolean build() {
        String hub = prefix + "hub";
        boolean made = Shell.run("ip", "netns", "add", hub)
                && Shell.run("ip", "-n", hub, "link", "add", "br0", "type", "bridge")
                && Shell.run("ip", "-n", hub, "link", "set", "br0", "up");
        for (int replica = 1; replica <= replicas && made; replica++) {
            String namespace = name(replica);
            made = Shell.run("ip", "netns", "add", namespace)
                    && Shell.run(
                            "ip",
                            "-n",
                            hub,
                            "link",
                            "add",
                            "v" + replica,
                            "type",
                            "veth",
                            "peer",
                            "name",
                            "eth0",
                            "netns",
                            namespace)
                    && Shell.run("ip", "-n", hub, "link", "set", "v" + replica, "master", "br0", "up")
                    && Shell.run("ip", "-n", namespace, "addr", "add", SUBNET + replica + "/24", "dev", "eth0")
                    && Shell.run("ip", "-n", namespace, "link", "set", "eth0", "up")
                    && Shell.run("ip", "-n", namespace, "link", "set", "lo", "up")
                    && Shell.run("ip", "netns", "exec", namespace, "iptables", "-L", "-n");
        }
        if (!made) {
            close();
        }
        return made;
    }

    /** Where a replica is. */
    String address(int replica) {
        return real ? SUBNET + replica : "127.0.0.1";
    }

    /** What goes before a command to run it where a replica is. */
    List<String> in(int replica) {
        return real ? List.of("ip", "netns", "exec", name(replica)) : List.of();
    }

    /** How packets are stopped. */
    enum How {
        /** Nobody is told. */
        SILENCE,
        /** Connections are reset. */
        RESET
    }

    /** Nothing from one replica reaches another; the other direction stays. */
    void cut(int from, int to, How how) {
        List<String> rule = new ArrayList<>(List.of("-A", "INPUT", "-s", SUBNET + from));
        if (how == How.RESET) {
            rule.addAll(List.of("-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"));
        } else {
            rule.addAll(List.of("-j", "DROP"));
        }
        filter(to, rule);
    }

    /** Some packets to a replica are lost. */
    void lose(int to, double share) {
        filter(
                to,
                List.of(
                        "-A",
                        "INPUT",
                        "-i",
                        "eth0",
                        "-m",
                        "statistic",
                        "--mode",
                        "random",
                        "--probability",
                        Double.toString(share),
                        "-j",
                        "DROP"));
    }

    /** Takes a replica's link down or up. */
    void link(int replica, boolean up) {
        Shell.run("ip", "-n", prefix + "hub", "link", "set", "v" + replica, up ? "up" : "down");
    }

    void heal() {
        for (int replica = 1; replica <= replicas && real; replica++) {
            filter(replica, List.of("-F", "INPUT"));
            link(replica, true);
        }
    }

    private void filter(int replica, List<String> rule) {
        List<String> command = new ArrayList<>(in(replica));
        command.add("iptables");
        command.addAll(rule);
        Shell.run(command.toArray(String[]::new));
    }

    @Override
    public void close() {
        for (int replica = 1; replica <= replicas; replica++) {
            Shell.run("ip", "netns", "del", name(replica));
        }
        Shell.run("ip", "netns", "del", prefix + "hub");
    }
}
