/** Pylon, a service that reads a subnet over HTTP for those that have no node: its requests and answers. */
@NullMarked
package io.quartermaster.node.chain.pylon;

import org.jspecify.annotations.NullMarked;
