/** Shields: where a miner that is hidden from attackers can be reached by this validator (bt-ddos-shield). */
@NullMarked
package io.quartermaster.node.chain.shields;

import org.jspecify.annotations.NullMarked;
