package io.quartermaster.node.app.web;

import java.time.Duration;

/**
 * How streams of events are served.
 *
 * @param lookEvery how often it is looked for what is new
 * @param bytesALook how much all readers together are sent then
 * @param mostKept a reader that is further behind misses events
 * @param heartbeat after so much silence there is a comment
 * @param patience a reader that takes nothing for so long is dropped
 */
record StreamPace(Duration lookEvery, int bytesALook, int mostKept, Duration heartbeat, Duration patience) {
    /** Four looks and 4 MB a second; 10,000 events; 10 s of silence, 20 s of patience. */
    static StreamPace defaults() {
        return new StreamPace(Duration.ofMillis(250), 1 << 20, 10_000, Duration.ofSeconds(10), Duration.ofSeconds(20));
    }
}
