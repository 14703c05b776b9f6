/**
 * How replicas agree: majority acknowledgement and views, after Viewstamped Replication Revisited (Liskov and Cowling, 2012).
 *
 * <p>Pure: no I/O, no threads, no clock of its own, no Hazelcast. Messages come in, messages go out, and so the whole protocol
 * runs in a deterministic simulation as it runs in the grid. The argument for it is in
 * {@code ops/docs/decisions/0003-majority-and-views.md}.
 */
@NullMarked
package io.quartermaster.node.views;

import org.jspecify.annotations.NullMarked;
