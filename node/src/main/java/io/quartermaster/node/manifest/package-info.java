/** What miners say of their executors, and what follows from it. */
@NullMarked
package io.quartermaster.node.manifest;

import org.jspecify.annotations.NullMarked;
