package io.quartermaster.node.receipts;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.ReceiptJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The lines of a part of a miner's page: receipts, and what was wrong with the others. Nothing of it has been verified but the
 * form.
 *
 * @param receipts the receipts, in their order
 * @param flaws how many lines had which flaw
 * @param bytes how many bytes of the part were read: up to the end of its last line
 */
record PageLines(List<SignedReceipt> receipts, Map<LineFlaw, Integer> flaws, int bytes) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_LINE = 1 << 16;

    /**
     * Reads the lines.
     *
     * @param part the part
     * @param miner whose page it is
     * @param validators who may be named as a validator
     * @param now the time
     * @param whole whether nothing will be added to the page: then its last line is one even if nothing ends it
     * @return the lines
     */
    static PageLines read(byte[] part, Hotkey miner, Predicate<Hotkey> validators, Instant now, boolean whole) {
        List<SignedReceipt> receipts = new ArrayList<>();
        Map<LineFlaw, Integer> flaws = new EnumMap<>(LineFlaw.class);
        int begin = 0;
        while (begin < part.length) {
            int end = begin;
            while (end < part.length && part[end] != '\n') {
                end++;
            }
            boolean ended = end < part.length;
            // A line without end may still be written to; if it is longer than any, what follows belongs to it.
            if (!ended && !whole && end - begin <= LONGEST_LINE) {
                break;
            }
            if (end - begin > LONGEST_LINE) {
                flaws.merge(LineFlaw.TOO_LONG, 1, Integer::sum);
            } else if (end > begin) {
                read(part, begin, end, miner, validators, now, receipts, flaws);
            }
            begin = ended ? end + 1 : end;
        }
        return new PageLines(receipts, flaws, begin);
    }

    private static void read(
            byte[] part,
            int begin,
            int end,
            Hotkey miner,
            Predicate<Hotkey> validators,
            Instant now,
            List<SignedReceipt> receipts,
            Map<LineFlaw, Integer> flaws) {
        SignedReceipt signed;
        try {
            JsonNode line = JSON.readTree(part, begin, end - begin);
            signed = ReceiptJson.read(line);
        } catch (JacksonException | IllegalArgumentException | ArithmeticException e) {
            flaws.merge(LineFlaw.MALFORMED, 1, Integer::sum);
            return;
        }
        Receipt receipt = signed.receipt();
        if (!receipt.miner().equals(miner)) {
            flaws.merge(LineFlaw.OTHER_MINER, 1, Integer::sum);
        } else if (!validators.test(receipt.validator())) {
            flaws.merge(LineFlaw.UNKNOWN_VALIDATOR, 1, Integer::sum);
        } else if (!ReceiptPages.plausible(receipt, now)) {
            flaws.merge(LineFlaw.IMPLAUSIBLE, 1, Integer::sum);
        } else {
            receipts.add(signed);
        }
    }
}
