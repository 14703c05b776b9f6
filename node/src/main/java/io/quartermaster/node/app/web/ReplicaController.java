package io.quartermaster.node.app.web;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.LockState;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Metagraph;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.MinerIncident;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.app.BlockReport;
import io.quartermaster.node.app.LedgerReport;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaStatus;
import io.quartermaster.node.chain.NodeReport;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.params.ParameterChange;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The replica over HTTP: each path is one call of the api. A Call-Id header makes a repeated undo or spend harmless. */
@RestController
@RequestMapping("/v1")
final class ReplicaController {
    private static final String CALL_ID = "Call-Id";
    private static final int MOST_BLOCKS = 2_166;
    private static final int MOST_EVENTS = 10_000;
    private static final Set<EventType> DECISIONS = Set.of(EventType.JOB_ROUTED, EventType.JOB_NOT_ROUTED);

    private final Replica replica;

    ReplicaController(Replica replica) {
        this.replica = replica;
    }

    @GetMapping("/status")
    ReplicaStatus status() {
        return replica.status();
    }

    /** A backup of the whole grid, as a file. */
    @GetMapping("/backup")
    void backup(HttpServletResponse response) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        replica.backup(whole);
        response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
        response.setContentLength(whole.size());
        whole.writeTo(response.getOutputStream());
    }

    @GetMapping("/find")
    List<MinerAllowance> find(
            @RequestParam double seconds,
            @RequestParam String executorClass,
            @RequestParam(required = false) @Nullable Long startBlock) {
        return allowance().findMinersWithAllowance(seconds, new ExecutorClass(executorClass), start(startBlock));
    }

    @PostMapping("/reservations")
    @ResponseStatus(HttpStatus.CREATED)
    Reservation reserve(@RequestBody Requests.Reserve body) {
        return allowance()
                .reserveAllowance(
                        body.minerKey(), body.executors(), body.amount(), start(body.startBlock()), body.jobId());
    }

    @DeleteMapping("/reservations/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void undo(@PathVariable long id, @RequestHeader(name = CALL_ID, required = false) @Nullable String call) {
        allowance().undoAllowanceReservation(new ReservationId(id), Requests.call(call));
    }

    @PostMapping("/reservations/{id}/spend")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void spend(@PathVariable long id, @RequestHeader(name = CALL_ID, required = false) @Nullable String call) {
        allowance().spendAllowance(new ReservationId(id), Requests.call(call));
    }

    @PostMapping("/routes")
    @ResponseStatus(HttpStatus.CREATED)
    JobRoute route(@RequestBody Requests.Route body) {
        return replica.routing().pickMinerForJobRequest(body.request());
    }

    /** A decision, if it is still known whole, and in words what is known of it. */
    record Explanation(Optional<RoutingDecision> decision, List<String> words) {}

    @GetMapping("/routes/{job}/explanation")
    ResponseEntity<?> explain(@PathVariable String job) {
        JobId id = new JobId(job);
        Optional<RoutingDecision> decision = replica.routing().explain(id);
        if (decision.isPresent()) {
            return ResponseEntity.ok(new Explanation(decision, decision.get().inWords()));
        }
        // Another replica decided, or this one long ago: the event says what there was to say.
        return replica.events(EventQuery.newest(MOST_EVENTS).of(id)).stream()
                .filter(event -> DECISIONS.contains(event.type()))
                .findFirst()
                .<ResponseEntity<?>>map(event -> ResponseEntity.ok(new Explanation(Optional.empty(), event.inWords())))
                .orElseGet(() -> notFound("No replica has seen a request for job " + job + " lately"));
    }

    @GetMapping("/ledgers/{miner}")
    ResponseEntity<?> ledger(@PathVariable String miner) {
        Optional<LedgerReport> report = replica.ledger(new Hotkey(miner));
        return report.isPresent()
                ? ResponseEntity.ok(report.get())
                : notFound("No manifest has ever named miner " + miner + ", so it has no ledger");
    }

    @GetMapping("/blocks")
    List<BlockReport> blocks(@RequestParam(defaultValue = "20") int last) {
        if (last < 1 || last > MOST_BLOCKS) {
            throw new InvalidArgument("last", last, "from 1 to " + MOST_BLOCKS);
        }
        return replica.blocks(last);
    }

    @GetMapping("/manifests")
    List<Manifest> manifests() {
        return allowance().manifests();
    }

    @GetMapping("/miners")
    List<Miner> miners() {
        return allowance().miners();
    }

    @GetMapping("/metagraph")
    Metagraph metagraph(@RequestParam(required = false) @Nullable Long block) {
        return block == null ? allowance().metagraph() : allowance().metagraph(block);
    }

    @GetMapping("/nodes")
    List<NodeReport> nodes() {
        return replica.nodes();
    }

    @GetMapping("/incidents")
    List<MinerIncident> incidents() {
        return replica.incidents();
    }

    @GetMapping("/locks")
    List<LockState> locks() {
        return replica.locks().held();
    }

    @GetMapping("/events")
    List<SystemEvent> events(
            @RequestParam(required = false) @Nullable String type,
            @RequestParam(required = false) @Nullable String miner,
            @RequestParam(required = false) @Nullable String job,
            @RequestParam(required = false) @Nullable String since,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > MOST_EVENTS) {
            throw new InvalidArgument("limit", limit, "from 1 to " + MOST_EVENTS);
        }
        return replica.events(new EventQuery(
                Optional.ofNullable(type).map(Requests::eventType),
                Optional.ofNullable(miner).map(Hotkey::new),
                Optional.ofNullable(job).map(JobId::new),
                Optional.ofNullable(since).map(text -> Requests.instant("since", text)),
                Optional.ofNullable(until).map(text -> Requests.instant("until", text)),
                limit));
    }

    /** A parameter as it is, and what it may be. */
    record ParameterReport(
            String name, String value, String defaultValue, String type, String expected, String description) {}

    @GetMapping("/parameters")
    List<ParameterReport> parameters() {
        DynamicParameters current = replica.parameters().current();
        return Arrays.stream(Parameter.values())
                .map(parameter -> new ParameterReport(
                        parameter.key(),
                        current.text(parameter),
                        parameter.defaultText(),
                        parameter.type(),
                        parameter.expected(),
                        parameter.description()))
                .toList();
    }

    @GetMapping("/parameters/history")
    List<ParameterChange> parameterHistory() {
        return replica.parameters().history();
    }

    /** All of the values are set, or none. */
    @PatchMapping("/parameters")
    List<ParameterChange> setParameters(@RequestBody Requests.Parameters body) {
        return replica.parameters().set(body.newValues(), body.byWhom(), body.whatFor());
    }

    @PostMapping("/incidents")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void report(@RequestBody Requests.Incident body) {
        replica.routing().reportMinerIncident(body.incidentType(), body.minerKey(), body.jobId(), body.executors());
    }

    private Allowance allowance() {
        return replica.allowance();
    }

    private long start(@Nullable Long given) {
        return given == null ? allowance().currentBlock() : given;
    }

    private static ResponseEntity<ProblemDetail> notFound(String detail) {
        return ResponseEntity.status(HttpStatus.NOT_FOUND)
                .body(ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, detail));
    }
}
