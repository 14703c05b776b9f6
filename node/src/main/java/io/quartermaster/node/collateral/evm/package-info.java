/** Collateral in a contract of an EVM: read, and slashed. */
@NullMarked
package io.quartermaster.node.collateral.evm;

import org.jspecify.annotations.NullMarked;
