/** The pure core: a miner's books. Commands in, decisions out; no I/O, no clock, no random numbers, no grid. */
@NullMarked
package io.quartermaster.node.ledger;

import org.jspecify.annotations.NullMarked;
