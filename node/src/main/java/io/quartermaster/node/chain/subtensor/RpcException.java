package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.Serial;
import java.util.Set;

/** A node answered that it does not do, or does not know, what it was asked. */
public final class RpcException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Of state: 4003 is any failure of a client, 4001 an invalid range; older nodes use the general codes of JSON-RPC. */
    private static final Set<Integer> STATE_CODES = Set.of(4003, 4001, -32000, -32603);

    private static final Set<String> STATE_WORDS =
            Set.of("State already discarded", "UnknownBlock", "unknown Block", "Header was not found in the database");

    private final int code;
    private final String words;

    /** What a node answered. */
    RpcException(String method, int code, String words) {
        super(method + " was answered with error " + code + ": " + words);
        this.code = code;
        this.words = words;
    }

    /**
     * The error's number.
     *
     * @return as JSON-RPC or the node defines it
     */
    public int code() {
        return code;
    }

    /**
     * Whether the node no longer has, or never had, the state of the block: an archive may have it. The code alone does not tell:
     * a wrong name of a call has the same.
     *
     * @return true if so
     */
    public boolean stateIsGone() {
        return STATE_CODES.contains(code) && STATE_WORDS.stream().anyMatch(words::contains);
    }
}
