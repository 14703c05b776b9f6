package io.quartermaster.node.views;

import java.util.List;

/** Who is there, as far as this replica knows. It may be wrong, and others may see it differently. */
public interface Surroundings {
    /**
     * A replica within reach, this one included.
     *
     * @param replica its id
     * @param life unlike that of any other start of it
     */
    record Peer(int replica, String life) {}

    /**
     * The replicas within reach.
     *
     * @return oldest first
     */
    List<Peer> present();

    /**
     * Where the commands about each partition's books are sent to.
     *
     * @return for each partition the id of a replica, 0 for none; empty if it is not settled
     */
    byte[] owners();

    /**
     * Sends a message; it may be lost.
     *
     * @param <S> what a book is
     * @param replica to whom
     * @param message the message
     */
    <S> void send(int replica, Message<S> message);
}
