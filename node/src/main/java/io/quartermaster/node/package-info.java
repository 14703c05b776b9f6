/** The way in for Java programs. */
@NullMarked
package io.quartermaster.node;

import org.jspecify.annotations.NullMarked;
