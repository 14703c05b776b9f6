/**
 * What routing by cycle goes by: cycles of the chain, what a validator may use in each, and who holds a miner's executors for
 * the moment. Pure, like the ledger.
 */
@NullMarked
package io.quartermaster.node.cycle;

import org.jspecify.annotations.NullMarked;
