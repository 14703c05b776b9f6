/** What miners say of their executors: asked of each by WebSocket, or read from what they have published on the chain. */
@NullMarked
package io.quartermaster.node.chain.miners;

import org.jspecify.annotations.NullMarked;
