/**
 * What a validator's program compiles against: {@link io.quartermaster.api.Allowance}, {@link io.quartermaster.api.Routing},
 * their values and their errors. Needs nothing but the JDK.
 *
 * <p>Seconds are executor-seconds: one executor for one second. Blocks are block numbers of the subnet's chain. Every value
 * type is immutable and checks itself: a malformed one can't be made, and {@link io.quartermaster.api.InvalidArgument} says
 * which field was wrong, what it was, and what would be right.
 *
 * <p>A call ends in one of four ways, and the type of the exception says what to do next:
 *
 * <ul>
 *   <li>it returns: done, and kept as the replica's durability setting says;
 *   <li>{@link io.quartermaster.api.Refused}: a business answer, with the numbers behind it; nothing changed;
 *   <li>{@link io.quartermaster.api.GridUnavailable}: not done; try again later;
 *   <li>{@link io.quartermaster.api.OutcomeUnknown}: perhaps done; repeat the call with the same id to find out.
 * </ul>
 */
@NullMarked
package io.quartermaster.api;

import org.jspecify.annotations.NullMarked;
