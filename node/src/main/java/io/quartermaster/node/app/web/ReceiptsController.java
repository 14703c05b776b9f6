package io.quartermaster.node.app.web;

import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.node.app.AuditReport;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.TransferReport;
import io.quartermaster.node.chain.ReceiptJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Receipts: those that are known, this validator's own as miners serve theirs, and what any validator's are worth. */
@RestController
final class ReceiptsController {
    private static final int MOST_RECEIPTS = 10_000;

    private final Replica replica;

    ReceiptsController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall("The receipts that are known, newest first, each as miners serve it.")
    @GetMapping("/v1/receipts")
    List<JsonNode> receipts(
            @RequestParam(required = false) @Nullable String job,
            @RequestParam(required = false) @Nullable String miner,
            @RequestParam(required = false) @Nullable String validator,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > MOST_RECEIPTS) {
            throw new InvalidArgument("limit", limit, "from 1 to " + MOST_RECEIPTS);
        }
        return replica
                .receipts()
                .find(
                        Optional.ofNullable(job).map(JobId::new),
                        Optional.ofNullable(miner).map(Hotkey::new),
                        Optional.ofNullable(validator).map(Hotkey::new),
                        limit)
                .stream()
                .<JsonNode>map(ReceiptJson::write)
                .toList();
    }

    /** What became of a receipt that was sent here. */
    record Taken(boolean isNew) {}

    @ApiCall(
            value = "Takes a receipt in, of the form in which miners serve it. Both of its signatures must be good.",
            scope = Scope.ROUTE)
    @PostMapping("/v1/receipts")
    Taken take(@RequestBody String body) {
        return new Taken(replica.receipts().take(ReceiptJson.read(json(body))));
    }

    /** What became of each block; a refusal names them, too. */
    record Verdict(boolean paid, SpendDetails details) {}

    @ApiCall(
            value =
                    "Judges the receipts of any validator's job, named finished and started, and spends what pays for it.",
            scope = Scope.OPERATE)
    @PostMapping("/v1/receipts/validate")
    Verdict validate(@RequestBody String body) {
        JsonNode both = json(body);
        try {
            return new Verdict(
                    true,
                    replica.allowance().validateForeignReceipt(receipt(both, "finished"), receipt(both, "started")));
        } catch (CannotSpend refusal) {
            return new Verdict(false, refusal.details());
        }
    }

    private static SignedReceipt receipt(JsonNode both, String which) {
        JsonNode receipt = both.path(which);
        if (!receipt.isObject()) {
            throw new InvalidArgument(which, which + " is missing: a receipt as miners serve it");
        }
        return ReceiptJson.read(receipt);
    }

    private static JsonNode json(String body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw new InvalidArgument("body", "The body is not JSON");
        }
    }

    @ApiCall("How the transfer of receipts from miners is doing.")
    @GetMapping("/v1/receipts/transfer")
    TransferReport transfer() {
        return replica.receipts().transfer();
    }

    /** Without a range: the newest 722 blocks that have ended. */
    @ApiCall("What validators have spent on the jobs that finished in a range of blocks.")
    @GetMapping("/v1/audit")
    AuditReport audit(
            @RequestParam(required = false) @Nullable Long from, @RequestParam(required = false) @Nullable Long to) {
        long newest = replica.allowance().currentBlock();
        long end = to == null ? newest : to;
        long oldest = replica.blockTable().oldest();
        return replica.audit(from == null ? Math.max(oldest, end - 722) : from, end);
    }

    /** Always whole: lines may be added anywhere in it. Receipts are public. */
    @ApiCall(
            value = "A page of this validator's own receipts, as miners serve theirs.",
            open = true,
            produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @GetMapping(value = "/receipts/{page}.jsonl", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    ResponseEntity<byte[]> page(@PathVariable long page) {
        String lines = replica.receipts().page(page);
        if (lines.isEmpty()) {
            throw new NotFound("This validator has no receipts on page " + page);
        }
        return ResponseEntity.ok().header("Accept-Ranges", "none").body(lines.getBytes(StandardCharsets.US_ASCII));
    }
}
