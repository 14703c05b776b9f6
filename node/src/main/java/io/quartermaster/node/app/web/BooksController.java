package io.quartermaster.node.app.web;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.BlockReport;
import io.quartermaster.node.app.LedgerReport;
import io.quartermaster.node.app.Replica;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The books: the ledgers of miners, and the blocks that they rest on. */
@RestController
@RequestMapping("/v1")
final class BooksController {
    private static final int MOST_BLOCKS = 2_166;

    private final Replica replica;

    BooksController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall("What became of a miner's allowance, and who holds some.")
    @GetMapping("/ledgers/{miner}")
    LedgerReport ledger(@PathVariable String miner) {
        return replica.ledger(new Hotkey(miner))
                .orElseThrow(() -> new NotFound("No manifest has ever named miner " + miner + ", so it has no ledger"));
    }

    @ApiCall("The newest blocks, newest first.")
    @GetMapping("/blocks")
    List<BlockReport> blocks(@RequestParam(defaultValue = "20") int last) {
        if (last < 1 || last > MOST_BLOCKS) {
            throw new InvalidArgument("last", last, "from 1 to " + MOST_BLOCKS);
        }
        return replica.blocks(last);
    }
}
