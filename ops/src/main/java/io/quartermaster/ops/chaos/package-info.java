/** The fault test: real replica processes, a network that is cut, a load that does not wait, and a checker. */
@NullMarked
package io.quartermaster.ops.chaos;

import org.jspecify.annotations.NullMarked;
