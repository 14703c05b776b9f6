package io.quartermaster.node.receipts;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the transfer of receipts asks and tells. Safe for use by several threads. */
public interface TransferPorts {
    /**
     * Whether miners may still be asked. Looked at before each page.
     *
     * @return false once another replica may ask them
     */
    boolean mayAsk();

    /**
     * The miners to ask.
     *
     * @return those that say where they can be reached
     */
    List<Miner> miners();

    /**
     * Whether receipts of a validator are wanted.
     *
     * @param validator its hotkey
     * @return false if the subnet knows no such validator
     */
    boolean knows(Hotkey validator);

    /**
     * How long to wait between two rounds.
     *
     * @return in real time
     */
    Duration interval();

    /**
     * The time by which pages are numbered.
     *
     * @return now
     */
    Instant now();

    /**
     * The receipts that are known here.
     *
     * @return the index
     */
    ReceiptIndex index();

    /**
     * Takes a verified receipt in.
     *
     * @param receipt the receipt
     * @return completes with what became of it, once it is safe
     */
    CompletionStage<Added> take(SignedReceipt receipt);

    /**
     * How far a miner's pages have been read.
     *
     * @param miner the miner
     * @return the newest checkpoint
     */
    TransferCheckpoint checkpoint(Hotkey miner);

    /**
     * Remembers how far a miner's pages have been read.
     *
     * @param miner the miner
     * @param checkpoint the checkpoint
     * @return completes once it is safe
     */
    CompletionStage<?> remember(Hotkey miner, TransferCheckpoint checkpoint);

    /**
     * Reports what a person may ask about later.
     *
     * @param miner whose pages are in trouble
     * @param words a sentence
     */
    void trouble(Hotkey miner, String words);

    /**
     * Reports that all pages of the last hours have been read.
     *
     * @param words a sentence
     */
    void caughtUp(String words);
}
