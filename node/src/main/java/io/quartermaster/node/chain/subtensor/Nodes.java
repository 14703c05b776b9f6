package io.quartermaster.node.chain.subtensor;

import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.chain.NodeReport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Several nodes that do the same. They are asked in order, beginning with the one that answered last; those that are behind, or
 * can't be reached now, come last. One that does not answer, makes no sense, or no longer has what is asked for, is left for the
 * next. Safe for use by several threads.
 */
final class Nodes implements AutoCloseable {
    /** Nodes hear of a block at different times; one that is further behind is not well. */
    private static final long BEHIND_BLOCKS = 3;

    private static final long DOUBTED_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long TOLD_EVERY_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final String role;
    private final List<Node> nodes;
    private final Consumer<UnknownLayout> unreadable;
    private volatile int first;

    private static final class Node {
        private final NodeClient client;
        private volatile long head = -1;
        private volatile long doubtedUntilNanos = System.nanoTime();
        private long tellFromNanos = System.nanoTime();

        private Node(NodeClient client) {
            this.client = client;
        }

        /** Not with every answer, as long as it goes on. */
        private synchronized boolean toBeToldOf() {
            long now = System.nanoTime();
            if (now - tellFromNanos < 0) {
                return false;
            }
            tellFromNanos = now + TOLD_EVERY_NANOS;
            return true;
        }
    }

    /**
     * Asks nobody yet.
     *
     * @param role what they are, for people
     * @param uris where they are; may be none
     * @param patience how long to wait for an answer
     * @param unreadable told, now and then, of a node whose answers are laid out in an unknown way
     */
    Nodes(String role, List<URI> uris, Duration patience, Consumer<UnknownLayout> unreadable) {
        this.role = role;
        this.unreadable = unreadable;
        this.nodes = uris.stream()
                .map(uri -> new Node(new NodeClient(uri, patience)))
                .toList();
    }

    boolean none() {
        return nodes.isEmpty();
    }

    /**
     * The newest block that any of them has.
     *
     * @return completes with the first answer, or with what is known of a node that has more; with the last failure if none
     *     answers
     */
    CompletableFuture<Long> head() {
        CompletableFuture<Long> newest = new CompletableFuture<>();
        List<CompletableFuture<Optional<Throwable>>> asked = new ArrayList<>();
        for (Node node : nodes) {
            asked.add(BlockFetcher.head(node.client).handle((head, failure) -> {
                if (failure == null && node.doubtedUntilNanos - System.nanoTime() <= 0) {
                    node.head = head;
                    newest.complete(best());
                } else if (node.client.resting()) {
                    node.head = -1;
                }
                return Optional.ofNullable(failure).map(Causes::of);
            }));
        }
        var unused = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenRun(() -> newest.completeExceptionally(asked.stream()
                        .flatMap(one -> one.join().stream())
                        .reduce((before, last) -> last)
                        .orElseGet(
                                () -> new NodeUnavailable("No " + role + " node has the block that it says to have"))));
        return newest;
    }

    private long best() {
        return nodes.stream().mapToLong(node -> node.head).max().orElse(-1);
    }

    /** Whoever says to have this block does not have it: what they say of their newest block is not believed for a while. */
    void doubt(long head) {
        for (Node node : nodes) {
            if (node.head >= head) {
                node.doubtedUntilNanos = System.nanoTime() + DOUBTED_NANOS;
                node.head = -1;
            }
        }
    }

    /**
     * Asks a node that is not behind a block, and if it is unavailable the next.
     *
     * @param <T> what is asked for
     * @param block which block a node must have, or a newer one
     * @param question asks a node; all of its requests go to the same one, so that they fit together
     * @return completes as the question does. If no node can be had, with the last failure; but that something is gone is only
     *     said if nobody is left who may have it
     */
    <T> CompletableFuture<T> ask(long block, Function<NodeClient, CompletableFuture<T>> question) {
        int start = first;
        long best = best();
        List<Node> inTurn = new ArrayList<>();
        Optional<Throwable> unknown = Optional.empty();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get((start + i) % nodes.size());
            long head = node.head;
            if (head >= block) {
                inTurn.add(node);
            } else if (head < 0) {
                unknown = Optional.of(
                        new NodeUnavailable("It is not known whether " + node.client.uri() + " has block " + block));
            }
        }
        if (inTurn.isEmpty()) {
            return CompletableFuture.failedFuture(unknown.orElseGet(() -> new NodeUnavailable(
                    "No " + role + " node has block " + block + ": the newest that one has is " + best)));
        }
        inTurn.sort(Comparator.comparing((Node node) -> node.client.resting())
                .thenComparing(node -> node.head < best - BEHIND_BLOCKS));
        return ask(inTurn, question, unknown);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it ends in the result
    private <T> CompletableFuture<T> ask(
            List<Node> left, Function<NodeClient, CompletableFuture<T>> question, Optional<Throwable> unavailable) {
        Node node = left.get(0);
        CompletableFuture<T> result = new CompletableFuture<>();
        question.apply(node.client).whenComplete((answer, failure) -> {
            if (failure == null) {
                first = nodes.indexOf(node);
                result.complete(answer);
                return;
            }
            Throwable cause = Causes.of(failure);
            if (cause instanceof UnknownLayout unknown && node.toBeToldOf()) {
                unreadable.accept(unknown);
            }
            Optional<Throwable> known = gone(cause) ? unavailable : Optional.of(cause);
            if (left.size() > 1 && (unavailable(cause) || gone(cause))) {
                pass(ask(left.subList(1, left.size()), question, known), result);
            } else {
                result.completeExceptionally(new CompletionException(known.orElse(cause)));
            }
        });
        return result;
    }

    /** What becomes of one becomes of the other. */
    @SuppressWarnings("FutureReturnValueIgnored") // both ends are looked at
    static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
        from.whenComplete((answer, failure) -> {
            if (failure == null) {
                to.complete(answer);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    /** Whether a node could not be had, or made no sense. */
    static boolean unavailable(Throwable cause) {
        return cause instanceof NodeUnavailable || cause instanceof UnknownLayout;
    }

    /** Whether a node said that it no longer has what it was asked for. */
    static boolean gone(Throwable cause) {
        return cause instanceof RpcException answer && answer.stateIsGone();
    }

    /** How each of them does. */
    List<NodeReport> reports() {
        long best = best();
        return nodes.stream()
                .map(node -> new NodeReport(
                        node.client.uri().toString(),
                        role,
                        !node.client.resting() && node.client.answering(),
                        node.head,
                        node.head < 0 ? -1 : best - node.head,
                        node.client.statistics()))
                .toList();
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.client.close());
    }
}
