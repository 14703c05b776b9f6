package io.quartermaster.node.routing;

/**
 * What the router by cycle asks, besides what every router does.
 *
 * @param common what every router asks and tells
 * @param books cycles, and how miners stand in them
 * @param slots keeps executors
 * @param blacklist who gets no jobs
 */
public record CyclePorts(RouterPorts common, CycleBooks books, SlotHolding slots, BlacklistBook blacklist) {}
