package io.quartermaster.node.app;

import io.quartermaster.node.receipts.TransferFigures;

/**
 * How the transfer of receipts is doing, for people.
 *
 * @param enabled whether receipts are to be fetched from miners
 * @param active whether this replica fetches them; one does at a time
 * @param receiptsKept how many receipts the grid keeps
 * @param figures what this replica has done since it started
 */
public record TransferReport(boolean enabled, boolean active, int receiptsKept, TransferFigures.Snapshot figures) {}
