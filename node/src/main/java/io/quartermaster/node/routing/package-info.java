/** Which miner gets a job, and why. Pure, apart from the ports that it is handed. */
@NullMarked
package io.quartermaster.node.routing;

import org.jspecify.annotations.NullMarked;
