/** Stand-ins for subtensor nodes, miners, shields and Pylon: a made-up subnet in their wire formats, with faults on demand. */
@NullMarked
package io.quartermaster.ops.standin;

import org.jspecify.annotations.NullMarked;
