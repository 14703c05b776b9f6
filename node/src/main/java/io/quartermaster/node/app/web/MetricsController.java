package io.quartermaster.node.app.web;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.metrics.Meters;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The meters, as Prometheus reads them. */
@RestController
final class MetricsController {
    private final Replica replica;

    MetricsController(Replica replica) {
        this.replica = replica;
    }

    /** In OpenMetrics if the reader says that it can read that, else in the plain format. */
    @ApiCall(
            value = "What the replica measures of itself, for Prometheus.",
            produces = {"text/plain", "application/openmetrics-text"})
    @GetMapping("/metrics")
    ResponseEntity<String> metrics(@RequestHeader(name = HttpHeaders.ACCEPT, defaultValue = "") String accept) {
        Meters.Format format =
                accept.contains("application/openmetrics-text") ? Meters.Format.OPEN_METRICS : Meters.Format.PLAIN;
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_TYPE, format.mediaType())
                .body(replica.meters().text(format));
    }
}
