package io.quartermaster.node.grid;

import io.quartermaster.node.views.View;
import java.util.HashSet;
import java.util.Set;

/**
 * Which replicas take part, from view to view. A view is the whole grid's and has one proposer, who tells what is new in it, so
 * that it is told once. Safe for use by several threads.
 */
final class Attendance {
    private final int self;
    private final Listener listener;
    private long newest;
    private Set<Integer> before;

    /** Who wants to know. Called on the grid's own threads: be quick. */
    interface Listener {
        void changed(Set<Integer> joined, Set<Integer> left);
    }

    /**
     * Begins.
     *
     * @param self this replica's id
     * @param remembered the view that it was in last, in an earlier life
     * @param listener who wants to know
     */
    Attendance(int self, View remembered, Listener listener) {
        this.self = self;
        this.newest = remembered.number();
        // It was away.
        this.before = without(remembered.replicas(), Set.of(self));
        this.listener = listener;
    }

    /** A view has begun here. */
    synchronized void begins(View view) {
        if (view.number() <= newest) {
            return;
        }
        newest = view.number();
        Set<Integer> now = view.replicas();
        Set<Integer> joined = without(now, before);
        Set<Integer> left = without(before, now);
        before = now;
        if (view.proposer() == self && !(joined.isEmpty() && left.isEmpty())) {
            listener.changed(joined, left);
        }
    }

    private static Set<Integer> without(Set<Integer> all, Set<Integer> some) {
        Set<Integer> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }
}
