package io.quartermaster.node.receipts;

/**
 * A part of a page, as it was fetched.
 *
 * @param from where in the page it begins, in bytes
 * @param bytes the part, not compressed; none if there is nothing new
 * @param cut whether more was there than is fetched at once
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PagePart(long from, byte[] bytes, boolean cut) {}
