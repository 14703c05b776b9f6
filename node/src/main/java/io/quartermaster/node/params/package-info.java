/** The dynamic parameters: typed, checked, and read as one consistent set. */
@NullMarked
package io.quartermaster.node.params;

import org.jspecify.annotations.NullMarked;
