/** The shell around the ledgers: the only place that knows Hazelcast. */
@NullMarked
package io.quartermaster.node.grid;

import org.jspecify.annotations.NullMarked;
