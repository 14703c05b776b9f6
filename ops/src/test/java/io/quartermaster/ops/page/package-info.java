/** The page in a real browser. */
@NullMarked
package io.quartermaster.ops.page;

import org.jspecify.annotations.NullMarked;
