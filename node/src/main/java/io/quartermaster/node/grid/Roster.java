package io.quartermaster.node.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.partition.Partition;
import io.quartermaster.node.views.Surroundings.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is there and belongs to the grid. A member that shows no card, another grid's card, or does not prove that it knows the
 * secret is left out: it counts in no majority, and nothing is sent to it. Safe for use by several threads.
 */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);
    private static final long PROOF_PATIENCE_MILLIS = 5000;

    private final HazelcastInstance member;
    private final Card own;
    private final String secret;
    private final BiConsumer<String, byte[]> sendProof;
    private final IntConsumer gone;

    /** By the life of who sent them. */
    private final Map<String, Proof> proofs = new ConcurrentHashMap<>();

    /** By the life of whom they are sent to. */
    private final Map<String, byte[]> ownProofs = new HashMap<>();

    private final Map<UUID, Long> firstSeenMillis = new HashMap<>();
    private final Set<UUID> complainedOf = new HashSet<>();
    private volatile List<Peer> present;
    private volatile Map<UUID, Integer> replicaOf = Map.of();
    private volatile Optional<String> refusal = Optional.empty();

    /** A proof that came, and what was found of it: it is looked at many times a second. */
    private static final class Proof {
        private final byte[] bytes;
        private Optional<Boolean> holds = Optional.empty();

        private Proof(byte[] bytes) {
            this.bytes = bytes;
        }

        private synchronized boolean holdsFor(Card from, Card to, String secret) {
            if (holds.isEmpty()) {
                holds = Optional.of(from.provenBy(bytes, to, secret));
            }
            return holds.get();
        }
    }

    Roster(HazelcastInstance member, Card own, String secret, BiConsumer<String, byte[]> sendProof, IntConsumer gone) {
        this.member = member;
        this.own = own;
        this.secret = secret;
        this.sendProof = sendProof;
        this.gone = gone;
        this.present = List.of(new Peer(own.replica(), own.life()));
    }

    /**
     * Looks who is there, says who we are to those who may not know yet, and joins in once we are known.
     *
     * @param serving whether this replica is in a view
     */
    synchronized void tick(long nowMillis, boolean serving) {
        List<Peer> found = new ArrayList<>();
        Map<UUID, Integer> ids = new HashMap<>();
        boolean oldest = true;
        boolean mayTakePart = true;
        for (Member other : member.getCluster().getMembers()) {
            if (other.localMember()) {
                found.add(new Peer(own.replica(), own.life()));
                ids.put(other.getUuid(), own.replica());
                oldest = false;
                continue;
            }
            Optional<Card> card = Card.parse(other.getAttribute(Card.ATTRIBUTE));
            Optional<String> fault = fault(other, card, nowMillis);
            boolean belongs = fault.isEmpty() && card.isPresent() && proven(card.get());
            if (belongs && !ids.containsValue(card.get().replica())) {
                found.add(new Peer(card.get().replica(), card.get().life()));
                ids.put(other.getUuid(), card.get().replica());
            } else if (oldest) {
                mayTakePart = false;
            }
            if (fault.isPresent()) {
                complain(other, card, fault.get(), oldest);
            }
        }
        replace(found, ids);
        if (mayTakePart && (serving || nobodyTakesPart())) {
            takePart();
        }
    }

    private boolean nobodyTakesPart() {
        return member.getCluster().getMembers().stream().allMatch(Member::isLiteMember);
    }

    /**
     * Replicas join without a part in the books: until those who were there before know them, and until they have taken in
     * what was decided without them. What is theirs to decide must not wait for that.
     */
    private void takePart() {
        if (member.getCluster().getLocalMember().isLiteMember()) {
            try {
                member.getCluster().promoteLocalLiteMember();
            } catch (RuntimeException e) {
                LOG.debug("This replica can't take part yet", e);
            }
        }
    }

    private Optional<String> fault(Member other, Optional<Card> card, long nowMillis) {
        if (card.isEmpty()) {
            return Optional.of("it is no replica of this software, or of a version that says nothing of itself");
        }
        Optional<String> difference = own.differenceFrom(card.get());
        if (difference.isPresent()) {
            return difference;
        }
        String life = card.get().life();
        sendProof.accept(life, ownProofs.computeIfAbsent(life, unknown -> own.proofTo(card.get(), secret)));
        long since = firstSeenMillis.computeIfAbsent(other.getUuid(), uuid -> nowMillis);
        if (proofs.containsKey(life) && !proven(card.get())) {
            return Optional.of("its join secret is not this replica's");
        }
        return !proofs.containsKey(life) && nowMillis - since > PROOF_PATIENCE_MILLIS
                ? Optional.of("it has not proven that it knows the join secret")
                : Optional.empty();
    }

    private boolean proven(Card card) {
        Proof proof = proofs.get(card.life());
        return proof != null && proof.holdsFor(card, own, secret);
    }

    private void complain(Member other, Optional<Card> card, String fault, boolean older) {
        String who = card.map(known -> "Replica " + known.replica()).orElse("A member") + " at "
                + other.getAddress().getHost() + ":" + other.getAddress().getPort();
        if (complainedOf.add(other.getUuid())) {
            LOG.error("{} is left out: {}", who, fault);
        }
        if (older && !fault.startsWith("it has not proven") && refusal.isEmpty()) {
            refusal = Optional.of("This replica does not belong to the grid that it has joined. " + who
                    + " was there before; " + fault);
        }
    }

    private void replace(List<Peer> found, Map<UUID, Integer> ids) {
        List<Peer> before = present;
        present = List.copyOf(found);
        replicaOf = Map.copyOf(ids);
        for (Peer peer : before) {
            if (!found.contains(peer)) {
                LOG.info("Replica {} has gone", peer.replica());
                gone.accept(peer.replica());
            }
        }
        for (Peer peer : found) {
            if (!before.contains(peer)) {
                LOG.info("Replica {} is here", peer.replica());
            }
        }
        firstSeenMillis.keySet().retainAll(membersNow());
        complainedOf.retainAll(membersNow());
    }

    private Set<UUID> membersNow() {
        Set<UUID> uuids = new HashSet<>();
        member.getCluster().getMembers().forEach(other -> uuids.add(other.getUuid()));
        return uuids;
    }

    void proofCame(String life, byte[] proof) {
        if (proofs.size() < 1000) {
            proofs.compute(
                    life, (of, known) -> known != null && Arrays.equals(known.bytes, proof) ? known : new Proof(proof));
        }
    }

    List<Peer> present() {
        return present;
    }

    /** The id of the replica that has this life, if it belongs. */
    Optional<Integer> replica(String life) {
        return present.stream()
                .filter(peer -> peer.life().equals(life))
                .map(Peer::replica)
                .findFirst();
    }

    Optional<String> life(int replica) {
        return present.stream()
                .filter(peer -> peer.replica() == replica)
                .map(Peer::life)
                .findFirst();
    }

    /** For each partition the id of the replica to which commands are sent; empty if one has no owner. */
    byte[] owners() {
        if (nobodyTakesPart()) {
            return new byte[0];
        }
        Map<UUID, Integer> ids = replicaOf;
        Map<Integer, Integer> owners = new TreeMap<>();
        for (Partition partition : member.getPartitionService().getPartitions()) {
            Member owner = partition.getOwner();
            if (owner == null) {
                return new byte[0];
            }
            owners.put(partition.getPartitionId(), ids.getOrDefault(owner.getUuid(), 0));
        }
        byte[] byPartition = new byte[owners.size()];
        owners.forEach((partition, replica) -> byPartition[partition] = replica.byteValue());
        return byPartition;
    }

    /** Why this replica must not stay, if it must not. */
    Optional<String> refusal() {
        return refusal;
    }
}
