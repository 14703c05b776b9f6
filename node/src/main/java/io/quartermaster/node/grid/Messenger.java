package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.topic.ITopic;
import io.quartermaster.node.views.Message;
import io.quartermaster.node.views.Participant;
import io.quartermaster.node.views.Surroundings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what replicas say to each other over topics of the engine, one for each life of a replica. Messages may be lost; the
 * protocol does not mind. Confirmations are gathered until {@link #flush}. Safe for use by several threads.
 */
final class Messenger implements Surroundings {
    private static final Logger LOG = LoggerFactory.getLogger(Messenger.class);
    private static final int MOST_TRIES = 5;
    private static final byte PROOF = 1;
    private static final byte MESSAGE = 2;

    private final HazelcastInstance member;
    private final Roster roster;
    private final byte[] ownLife;
    private final boolean gathering;
    private final Experiment experiment;
    private final Map<String, ITopic<byte[]>> topics = new ConcurrentHashMap<>();
    private final Map<Integer, Message.Held<Book>> gathered = new HashMap<>();
    private volatile @Nullable Participant<Book, Ruling> participant;

    Messenger(HazelcastInstance member, Card own, GridSettings settings) {
        this.member = member;
        this.ownLife = own.life().getBytes(StandardCharsets.UTF_8);
        this.gathering = settings.directory().isPresent();
        this.experiment = settings.experiment();
        this.roster =
                new Roster(member, own, settings.secret(), (life, proof) -> publish(life, PROOF, proof), this::gone);
        listen(own.life());
    }

    /** All members hear of it; one that is just being replaced by a new life of its own may not answer. */
    private void listen(String life) {
        for (int tries = 1; ; tries++) {
            try {
                topic(life).addMessageListener(message -> arrived(message.getMessageObject()));
                return;
            } catch (HazelcastException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
                LOG.info("Listening to the other replicas failed and is tried again: {}", e.getMessage());
            }
        }
    }

    void serve(Participant<Book, Ruling> newParticipant) {
        this.participant = newParticipant;
    }

    Roster roster() {
        return roster;
    }

    private void gone(int replica) {
        Participant<Book, Ruling> known = participant;
        if (known != null) {
            known.gone(replica);
        }
    }

    private ITopic<byte[]> topic(String life) {
        return topics.computeIfAbsent(life, name -> member.getTopic("to-" + name));
    }

    private void publish(String life, byte kind, byte[] payload) {
        try {
            topic(life)
                    .publish(ByteBuffer.allocate(2 + ownLife.length + payload.length)
                            .put(kind)
                            .put((byte) ownLife.length)
                            .put(ownLife)
                            .put(payload)
                            .array());
        } catch (RuntimeException e) {
            LOG.debug("A message could not be sent", e);
        }
    }

    private void arrived(byte[] frame) {
        try {
            byte kind = frame[0];
            int nameLength = frame[1];
            String life = new String(frame, 2, nameLength, StandardCharsets.UTF_8);
            byte[] payload = new byte[frame.length - 2 - nameLength];
            System.arraycopy(frame, 2 + nameLength, payload, 0, payload.length);
            if (kind == PROOF) {
                roster.proofCame(life, payload);
                return;
            }
            Participant<Book, Ruling> known = participant;
            Integer from = roster.replica(life).orElse(null);
            if (known != null && from != null) {
                known.receive(from, tampered(MessageWire.message(payload)));
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("A message from another replica could not be dealt with", e);
        }
    }

    private Message<Book> tampered(Message<Book> message) {
        if (experiment == Experiment.OWN_BOOKS_FIRST && message instanceof Message.Promise<Book> promise) {
            return new Message.Promise<>(promise.view(), promise.founded(), 0, Map.of());
        }
        return message;
    }

    @Override
    public List<Peer> present() {
        return roster.present();
    }

    @Override
    public byte[] owners() {
        return roster.owners();
    }

    @Override
    @SuppressWarnings("unchecked") // books are the only kind that is kept here
    public <S> void send(int replica, Message<S> message) {
        if (gathering && message instanceof Message.Held<S> held) {
            gather(replica, (Message.Held<Book>) held);
        } else {
            sendNow(replica, (Message<Book>) message);
        }
    }

    private void sendNow(int replica, Message<Book> message) {
        roster.life(replica).ifPresent(life -> publish(life, MESSAGE, MessageWire.bytes(message)));
    }

    private void gather(int replica, Message.Held<Book> held) {
        Message.Held<Book> full = null;
        synchronized (gathered) {
            Message.Held<Book> before = gathered.get(replica);
            if (before == null) {
                gathered.put(replica, new Message.Held<>(held.view(), new HashMap<>(held.sequences())));
            } else if (before.view() == held.view()) {
                held.sequences().forEach((key, sequence) -> before.sequences().merge(key, sequence, Math::max));
            } else {
                full = gathered.put(replica, new Message.Held<>(held.view(), new HashMap<>(held.sequences())));
            }
        }
        if (full != null) {
            sendNow(replica, full);
        }
    }

    /** Sends the confirmations that were gathered. */
    void flush() {
        Map<Integer, Message.Held<Book>> all;
        synchronized (gathered) {
            all = Map.copyOf(gathered);
            gathered.clear();
        }
        all.forEach(this::sendNow);
    }
}
