/** The wiring of a replica; below it, the only place that knows Spring. */
@NullMarked
package io.quartermaster.node.app;

import org.jspecify.annotations.NullMarked;
