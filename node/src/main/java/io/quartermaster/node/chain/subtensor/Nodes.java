package io.quartermaster.node.chain.subtensor;

import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.chain.NodeReport;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Several nodes that do the same. They are asked in order, beginning with the one that answered last; those that are behind, or
 * can't be reached now, come last. One that does not answer, or makes no sense, is left for the next. Safe for use by several
 * threads.
 */
final class Nodes implements AutoCloseable {
    /** Nodes hear of a block at different times; one that is further behind is not well. */
    private static final long BEHIND_BLOCKS = 3;

    private final String role;
    private final List<Node> nodes;
    private volatile int first;

    private static final class Node {
        private final NodeClient client;
        private volatile long head = -1;

        private Node(NodeClient client) {
            this.client = client;
        }
    }

    Nodes(String role, List<URI> uris, HttpClient http, Duration patience) {
        this.role = role;
        this.nodes = uris.stream()
                .map(uri -> new Node(new NodeClient(uri, http, patience)))
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
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        for (Node node : nodes) {
            asked.add(BlockFetcher.head(node.client).handle((head, failure) -> {
                node.head = failure == null ? head : -1;
                if (failure == null) {
                    newest.complete(best());
                }
                if (failure != null && nodes.size() == 1) {
                    newest.completeExceptionally(failure);
                }
                return null;
            }));
        }
        var unused = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenRun(() -> newest.completeExceptionally(new NodeUnavailable("No " + role + " node answers")));
        return newest;
    }

    private long best() {
        return nodes.stream().mapToLong(node -> node.head).max().orElse(-1);
    }

    /**
     * Asks one node, and if it is unavailable the next.
     *
     * @param <T> what is asked for
     * @param question asks a node; all of its requests go to the same one, so that they fit together
     * @return completes as the question does, with the last failure if no node can be had
     */
    <T> CompletableFuture<T> ask(Function<NodeClient, CompletableFuture<T>> question) {
        int start = first;
        long best = best();
        List<Node> inTurn = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            inTurn.add(nodes.get((start + i) % nodes.size()));
        }
        inTurn.sort(Comparator.comparing((Node node) -> node.client.resting())
                .thenComparing(node -> node.head >= 0 && node.head < best - BEHIND_BLOCKS));
        return ask(inTurn, question);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it ends in the result
    private <T> CompletableFuture<T> ask(List<Node> left, Function<NodeClient, CompletableFuture<T>> question) {
        if (left.isEmpty()) {
            return CompletableFuture.failedFuture(new NodeUnavailable("No " + role + " node is configured"));
        }
        Node node = left.get(0);
        CompletableFuture<T> result = new CompletableFuture<>();
        question.apply(node.client).whenComplete((answer, failure) -> {
            if (failure == null) {
                first = nodes.indexOf(node);
                result.complete(answer);
            } else if (left.size() > 1 && unavailable(failure)) {
                pass(ask(left.subList(1, left.size()), question), result);
            } else {
                result.completeExceptionally(failure);
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

    static boolean unavailable(Throwable failure) {
        Throwable cause = Causes.of(failure);
        return cause instanceof NodeUnavailable || cause instanceof UnknownLayout;
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
