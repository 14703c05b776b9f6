/** What an operator runs. */
@NullMarked
package io.quartermaster.ops;

import org.jspecify.annotations.NullMarked;
