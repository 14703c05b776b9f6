/** A replica inside a Spring Boot program: the dependency and a few settings are enough. */
@NullMarked
package io.quartermaster.node.app.boot;

import org.jspecify.annotations.NullMarked;
