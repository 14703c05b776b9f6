package io.quartermaster.node.params;

import java.time.Instant;

/**
 * That somebody changed a dynamic parameter.
 *
 * @param time when, to the millisecond
 * @param who who it was, as they said
 * @param parameter its name, such as {@code DYNAMIC_ROUTING_RELIABILITY_WINDOW_HOURS}
 * @param from what it was before, as an operator would write it
 * @param to what it is from then on
 * @param why what for, as they said; may be empty
 */
public record ParameterChange(Instant time, String who, String parameter, String from, String to, String why) {}
