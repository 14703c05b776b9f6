/** What miners have put down. */
@NullMarked
package io.quartermaster.node.collateral;

import org.jspecify.annotations.NullMarked;
