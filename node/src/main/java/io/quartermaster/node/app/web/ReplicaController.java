package io.quartermaster.node.app.web;

import io.quartermaster.api.LockState;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaStatus;
import io.quartermaster.node.chain.NodeReport;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The replica itself: how it does, the nodes that it reads, the locks, and a backup of the grid. */
@RestController
@RequestMapping("/v1")
final class ReplicaController {
    private final Replica replica;

    ReplicaController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall("How the replica is doing.")
    @GetMapping("/status")
    ReplicaStatus status() {
        return replica.status();
    }

    @ApiCall(
            value = "A backup of the whole grid, as a file.",
            scope = Scope.OPERATE,
            produces = "application/octet-stream")
    @GetMapping("/backup")
    void backup(HttpServletResponse response) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        replica.backup(whole);
        response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
        response.setContentLength(whole.size());
        whole.writeTo(response.getOutputStream());
    }

    @ApiCall("The nodes that the chain is read from.")
    @GetMapping("/nodes")
    List<NodeReport> nodes() {
        return replica.nodes();
    }

    @ApiCall("The locks that are held.")
    @GetMapping("/locks")
    List<LockState> locks() {
        return replica.locks().held();
    }
}
