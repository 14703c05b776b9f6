/** What happened, for the people who ask later. */
@NullMarked
package io.quartermaster.node.events;

import org.jspecify.annotations.NullMarked;
