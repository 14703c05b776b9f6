/** A subtensor node: its requests and answers, the layouts of what it stores, and a chain that is read from it. */
@NullMarked
package io.quartermaster.node.chain.subtensor;

import org.jspecify.annotations.NullMarked;
