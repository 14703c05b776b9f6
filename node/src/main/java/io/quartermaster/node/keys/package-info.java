/** Keys as Substrate chains use them: addresses, signatures, and the hashes of both. Pure but for the files that keys are in. */
@NullMarked
package io.quartermaster.node.keys;

import org.jspecify.annotations.NullMarked;
