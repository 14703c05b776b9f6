/** What the chain says: the port, its adapters, and the follower that takes blocks in. Knows nothing of ledgers or the grid. */
@NullMarked
package io.quartermaster.node.chain;

import org.jspecify.annotations.NullMarked;
