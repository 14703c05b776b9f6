/** WebSockets as a client has them, with bounds on all that the other side can make it hold. */
@NullMarked
package io.quartermaster.node.chain.websocket;

import org.jspecify.annotations.NullMarked;
