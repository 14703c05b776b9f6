/** What a replica keeps on disk: journals, snapshots, backups. The only place that knows MapDB. */
@NullMarked
package io.quartermaster.node.store;

import org.jspecify.annotations.NullMarked;
