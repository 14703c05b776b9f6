/** What a replica keeps on disk. */
@NullMarked
package io.quartermaster.node.store;

import org.jspecify.annotations.NullMarked;
