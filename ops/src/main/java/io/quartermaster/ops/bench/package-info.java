/** Measures a replica, beside the figures that it has to reach. */
@NullMarked
package io.quartermaster.ops.bench;

import org.jspecify.annotations.NullMarked;
