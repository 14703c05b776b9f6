package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Tags;
import io.quartermaster.node.chain.FollowerProgress;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.chain.NodeReport.MethodStatistics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** How far the chain is taken in, and how its nodes do. One series for each node and method: as many as are configured. */
public final class ChainMeters {
    private final Meters meters;
    private final Supplier<List<NodeReport>> nodes;
    private final Map<String, NodeReport> reports = new ConcurrentHashMap<>();
    private final Map<MethodOfNode, MethodStatistics> methods = new ConcurrentHashMap<>();

    private record MethodOfNode(String node, String method) {}

    /**
     * Registers the meters.
     *
     * @param meters where
     * @param progress how far this replica has followed
     * @param nodes how the nodes do that the chain is read from
     */
    public ChainMeters(Meters meters, Supplier<FollowerProgress> progress, Supplier<List<NodeReport>> nodes) {
        this.meters = meters;
        this.nodes = nodes;
        meters.gauge(
                "quartermaster_chain_head_block",
                "The newest block of the chain that this replica saw, -1 before"
                        + " the first; it stands still while another replica follows",
                () -> progress.get().head());
        meters.gauge(
                "quartermaster_chain_blocks_missing",
                "How many of the last 100 blocks are missing",
                () -> progress.get().missingInLookback());
        meters.gauge(
                "quartermaster_chain_archive_blocks_missing",
                "How many older blocks could not be had",
                () -> progress.get().missingInArchive());
        meters.gauge(
                "quartermaster_chain_backfill_blocks_left",
                "How many older blocks are still to be fetched",
                () -> left(progress.get()));
        meters.gauge(
                "quartermaster_chain_stopped",
                "1 if an error has stopped the chain",
                () -> progress.get().error().isPresent() ? 1 : 0);
        counter(
                "quartermaster_chain_observations",
                "Observations of the chain taken in",
                progress,
                FollowerProgress::observations);
        counter(
                "quartermaster_chain_observations_refused",
                "Observations of the chain refused",
                progress,
                FollowerProgress::refused);
        meters.beforeEachReading(this::lookAtNodes);
    }

    /**
     * Shows what this replica does now.
     *
     * @param ready whether jobs can be routed here
     * @param follows whether it is the one that follows the chain
     */
    public void role(BooleanSupplier ready, BooleanSupplier follows) {
        meters.gauge("quartermaster_ready", "1 if jobs can be routed here", () -> ready.getAsBoolean() ? 1 : 0);
        meters.gauge(
                "quartermaster_follows",
                "1 if this replica follows the chain; one does at a time",
                () -> follows.getAsBoolean() ? 1 : 0);
    }

    private static long left(FollowerProgress progress) {
        return progress.backfillDone() ? 0 : Math.max(0, progress.backfillPosition() - progress.backfillTarget() + 1);
    }

    private <T> void counter(String name, String description, Supplier<T> source, ToDoubleFunction<T> figure) {
        FunctionCounter.builder(name, source, from -> figure.applyAsDouble(from.get()))
                .description(description)
                .register(meters.registry());
    }

    private void lookAtNodes() {
        for (NodeReport node : nodes.get()) {
            Tags labels = Tags.of("node", node.address(), "role", node.role());
            if (reports.put(node.address(), node) == null) {
                of(node, "up", "1 if the node answered when it was asked last", labels, now -> now.answering() ? 1 : 0);
                of(
                        node,
                        "head_block",
                        "The newest block that the node says to have, -1 if not known",
                        labels,
                        NodeReport::head);
                of(
                        node,
                        "blocks_behind",
                        "How far the node is behind the best of its role, -1 if not known",
                        labels,
                        NodeReport::behind);
            }
            node.methods().forEach((method, statistics) -> {
                MethodOfNode key = new MethodOfNode(node.address(), method);
                if (methods.put(key, statistics) == null) {
                    Tags ofMethod = labels.and("method", method);
                    of(key, "calls", "Calls of a node that have ended", ofMethod, MethodStatistics::calls);
                    of(key, "call_failures", "Calls of a node without a result", ofMethod, MethodStatistics::failures);
                    of(
                            key,
                            "call_seconds",
                            "How long calls of a node took in all",
                            ofMethod,
                            MethodStatistics::seconds);
                }
            });
        }
    }

    private void of(
            NodeReport node, String name, String description, Tags labels, ToDoubleFunction<NodeReport> figure) {
        meters.gauge(
                "quartermaster_chain_node_" + name,
                description,
                labels,
                () -> figure.applyAsDouble(reports.getOrDefault(node.address(), node)));
    }

    private void of(
            MethodOfNode key, String name, String description, Tags labels, ToDoubleFunction<MethodStatistics> figure) {
        FunctionCounter.builder(
                        "quartermaster_chain_node_" + name, methods, known -> figure.applyAsDouble(known.get(key)))
                .description(description)
                .tags(labels)
                .register(meters.registry());
    }
}
