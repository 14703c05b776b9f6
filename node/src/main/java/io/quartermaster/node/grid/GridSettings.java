package io.quartermaster.node.grid;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How a replica's member of the grid is set up.
 *
 * @param name the grid's name; replicas with another name are strangers
 * @param replica this replica's id, from 1 to {@code replicas}; it stays the same over restarts, and no two replicas share one
 * @param replicas how many replicas the grid has when all are there, from 1 to 7; more than half of them must be there
 * @param address the address to bind, by default the loopback
 * @param port the port to bind; 0 for any free one from 5701 on
 * @param members the addresses of all replicas, "host:port"; empty for a replica that stays alone
 * @param kubernetesService the DNS name of a headless service that names the replicas, instead of {@code members}
 * @param secret what all replicas of the grid know and no one else; empty for none, on a network that only they can reach
 * @param directory where this replica keeps its journal; without one its books are gone with the process
 * @param durability when what is on the way to the journal counts as held
 * @param silence after which a replica that does not answer is taken for dead, from 2 s to a minute
 * @param mustAgree settings that must be the same on all replicas, by name: a replica that differs is refused
 * @param experiment how to run it wrongly on purpose
 * @param managementCenter the port on the loopback at which Management Center may connect; without one no client can
 * @param managementSql whether those who connect there may ask in SQL, too; all replicas must be able to answer then
 */
public record GridSettings(
        String name,
        int replica,
        int replicas,
        String address,
        int port,
        List<String> members,
        Optional<String> kubernetesService,
        String secret,
        Optional<Path> directory,
        Durability durability,
        Duration silence,
        Map<String, String> mustAgree,
        Experiment experiment,
        Optional<Integer> managementCenter,
        boolean managementSql) {
    /** A backup count of 6 is the most that the engine knows. */
    private static final int MOST_REPLICAS = 7;

    private static final Duration DEFAULT_SILENCE = Duration.ofSeconds(6);

    public GridSettings {
        members = List.copyOf(members);
        mustAgree = Map.copyOf(new TreeMap<>(mustAgree));
        if (name.isBlank()) {
            throw new InvalidArgument("grid name", name, "a name that the deployment's replicas share and no others");
        }
        if (port < 0 || port > 65_535) {
            throw new InvalidArgument("grid port", port, "from 1 to 65535, or 0 for any");
        }
        if (replicas < 1 || replicas > MOST_REPLICAS) {
            throw new InvalidArgument("replicas", replicas, "from 1 to " + MOST_REPLICAS);
        }
        if (replica < 1 || replica > replicas) {
            throw new InvalidArgument("replica", replica, "this replica's id, from 1 to " + replicas);
        }
        if (silence.compareTo(Duration.ofSeconds(2)) < 0 || silence.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new InvalidArgument("silence", silence, "from 2 s to a minute");
        }
        for (String member : members) {
            if (!member.matches("[^:\\s]+:\\d{1,5}")) {
                throw new InvalidArgument("members", member, "host:port, such as 10.0.0.1:5701");
            }
        }
        managementCenter.ifPresent(open -> {
            if (open < 1 || open > 65_535 || open == port) {
                throw new InvalidArgument(
                        "port for Management Center", open, "from 1 to 65535, and another one than the grid's");
            }
        });
        if (managementSql && managementCenter.isEmpty()) {
            throw new InvalidArgument(
                    "SQL for Management Center", "on", "off, or on with a port for Management Center");
        }
        if (replicas > 1 && members.isEmpty() && kubernetesService.isEmpty()) {
            throw new InvalidArgument(
                    "members", members, "the addresses of all " + replicas + " replicas, as host:port");
        }
    }

    /**
     * One replica alone, on the loopback, in memory: what an embedding program gets without saying more.
     *
     * @return the settings
     */
    public static GridSettings alone() {
        return new GridSettings(
                "quartermaster",
                1,
                1,
                "127.0.0.1",
                0,
                List.of(),
                Optional.empty(),
                "",
                Optional.empty(),
                Durability.FSYNC,
                DEFAULT_SILENCE,
                Map.of(),
                Experiment.NONE,
                Optional.empty(),
                false);
    }

    /**
     * One of several replicas.
     *
     * @param name the grid's name
     * @param replica this replica's id, from 1 on
     * @param address the address to bind
     * @param port the port to bind
     * @param members the addresses of all replicas, "host:port", this one's included; their number is that of the replicas
     * @return the settings, without secret and directory
     */
    public static GridSettings of(String name, int replica, String address, int port, List<String> members) {
        return alone().with(draft -> {
            draft.name = name;
            draft.replica = replica;
            draft.replicas = members.size();
            draft.address = address;
            draft.port = port;
            draft.members = members;
        });
    }

    /**
     * These settings for another replica.
     *
     * @param newReplica its id
     * @return new settings
     */
    public GridSettings withReplica(int newReplica) {
        return with(draft -> draft.replica = newReplica);
    }

    /**
     * These settings with another port.
     *
     * @param newPort the port to bind; 0 for any free one
     * @return new settings
     */
    public GridSettings withPort(int newPort) {
        return with(draft -> draft.port = newPort);
    }

    /**
     * These settings with a secret.
     *
     * @param newSecret what all replicas know
     * @return new settings
     */
    public GridSettings withSecret(String newSecret) {
        return with(draft -> draft.secret = newSecret);
    }

    /**
     * These settings with a directory.
     *
     * @param newDirectory where to keep the journal
     * @param newDurability when what is on the way to the journal counts as held
     * @return new settings
     */
    public GridSettings withDirectory(Path newDirectory, Durability newDurability) {
        return with(draft -> {
            draft.directory = Optional.of(newDirectory);
            draft.durability = newDurability;
        });
    }

    /**
     * These settings with another patience.
     *
     * @param newSilence after which a replica that does not answer is taken for dead
     * @return new settings
     */
    public GridSettings withSilence(Duration newSilence) {
        return with(draft -> draft.silence = newSilence);
    }

    /**
     * These settings with a setting on which all replicas must agree.
     *
     * @param what the setting's name
     * @param value this replica's
     * @return new settings
     */
    public GridSettings agreeingOn(String what, String value) {
        Map<String, String> more = new TreeMap<>(mustAgree);
        more.put(what, value);
        return with(draft -> draft.mustAgree = more);
    }

    /**
     * These settings with replicas found through Kubernetes.
     *
     * @param service the DNS name of a headless service
     * @param newReplicas how many replicas the grid has
     * @return new settings
     */
    public GridSettings inKubernetes(String service, int newReplicas) {
        return with(draft -> {
            draft.members = List.of();
            draft.kubernetesService = Optional.of(service);
            draft.replicas = newReplicas;
        });
    }

    /**
     * These settings, wrongly on purpose.
     *
     * @param newExperiment how
     * @return new settings
     */
    public GridSettings tampered(Experiment newExperiment) {
        return with(draft -> draft.experiment = newExperiment);
    }

    /**
     * These settings with an endpoint for Management Center, on the loopback: whoever reaches it can read and change all maps.
     *
     * @param atPort at which port
     * @return new settings
     */
    public GridSettings withManagementCenter(int atPort) {
        return with(draft -> draft.managementCenter = Optional.of(atPort));
    }

    /**
     * These settings with the books as tables of SQL, for those who connect where Management Center does.
     *
     * @return new settings
     */
    public GridSettings withManagementSql() {
        return with(draft -> draft.managementSql = true);
    }

    private GridSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** Settings while they are changed: names what is changed, and nothing else. */
    private static final class Draft {
        private String name;
        private int replica;
        private int replicas;
        private String address;
        private int port;
        private List<String> members;
        private Optional<String> kubernetesService;
        private String secret;
        private Optional<Path> directory;
        private Durability durability;
        private Duration silence;
        private Map<String, String> mustAgree;
        private Experiment experiment;
        private Optional<Integer> managementCenter;
        private boolean managementSql;

        private Draft(GridSettings from) {
            name = from.name;
            replica = from.replica;
            replicas = from.replicas;
            address = from.address;
            port = from.port;
            members = from.members;
            kubernetesService = from.kubernetesService;
            secret = from.secret;
            directory = from.directory;
            durability = from.durability;
            silence = from.silence;
            mustAgree = from.mustAgree;
            experiment = from.experiment;
            managementCenter = from.managementCenter;
            managementSql = from.managementSql;
        }

        private GridSettings settings() {
            return new GridSettings(
                    name,
                    replica,
                    replicas,
                    address,
                    port,
                    members,
                    kubernetesService,
                    secret,
                    directory,
                    durability,
                    silence,
                    mustAgree,
                    experiment,
                    managementCenter,
                    managementSql);
        }
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
        return "GridSettings[" + name + ", replica " + replica + " of " + replicas + ", " + address + ":" + port + "]";
    }
}
