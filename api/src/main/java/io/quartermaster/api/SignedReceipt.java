package io.quartermaster.api;

/**
 * A receipt with the two signatures that make it worth something.
 *
 * @param receipt what is stated
 * @param validatorSignature sr25519 over the receipt's canonical JSON, as {@code 0x} and 128 hex digits
 * @param minerSignature the miner's, of the same form
 */
public record SignedReceipt(Receipt receipt, String validatorSignature, String minerSignature) {}
