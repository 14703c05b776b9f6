/** Locks with lease and fencing token: a pure core, like the ledger's. */
@NullMarked
package io.quartermaster.node.locks;

import org.jspecify.annotations.NullMarked;
