/** A replica's HTTP shell, on Spring. Everything it answers comes from the replica; it decides nothing. */
@NullMarked
package io.quartermaster.node.app.web;

import org.jspecify.annotations.NullMarked;
