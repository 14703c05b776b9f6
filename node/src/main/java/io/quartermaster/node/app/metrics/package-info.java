/**
 * What is measured, and the only place that knows Micrometer. Each subject has a class, which registers its meters when it is
 * made and is handed what it reads: plain figures of a room, or a listener's calls. {@code ReplicaMeters} makes them all.
 */
@NullMarked
package io.quartermaster.node.app.metrics;

import org.jspecify.annotations.NullMarked;
