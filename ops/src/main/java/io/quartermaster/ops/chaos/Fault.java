package io.quartermaster.ops.chaos;

import java.util.Locale;

/** What can happen to replicas, their network, their disks and their clocks. */
enum Fault {
    KILL_ONE(false),
    KILL_MINORITY(false),
    KILL_ALL_BUT_ONE(false),
    KILL_ALL(false),
    KILL_FOLLOWER(false),
    PAUSE_ONE(false),
    PAUSE_LONG(false),
    ISOLATE_SILENT(true),
    ISOLATE_RESET(true),
    HALVES(true),
    EVERYONE_ALONE(true),
    ONE_WAY(true),
    BRIDGE(true),
    STALE_SURVIVOR(false),
    FLAPPING_LINK(true),
    PACKET_LOSS(true),
    SLOW_DISK(false),
    CLOCK_STEP(false),
    ROLLING_RESTART(false),
    KILL_AND_CUT(true),
    LOSE_DISK(false),
    FULL_DISK(false),
    TORN_TAIL(false);

    private final boolean needsNetwork;

    Fault(boolean needsNetwork) {
        this.needsNetwork = needsNetwork;
    }

    boolean needsNetwork() {
        return needsNetwork;
    }

    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
