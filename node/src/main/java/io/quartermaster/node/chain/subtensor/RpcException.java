package io.quartermaster.node.chain.subtensor;

import java.io.IOException;
import java.io.Serial;
import java.util.Set;

/** A node answered that it does not do, or does not know, what it was asked. */
public final class RpcException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int STATE = 4003;
    private static final String NOT_FOUND = "Header was not found in the database";

    /** Of state: 4003 is any failure of a client, 4001 an invalid range; older nodes use the general codes of JSON-RPC. */
    private static final Set<Integer> STATE_CODES = Set.of(STATE, 4001, -32000, -32603);

    private static final Set<String> STATE_WORDS =
            Set.of("State already discarded", "UnknownBlock", "unknown Block", NOT_FOUND);

    private final int code;
    private final String words;

    /** What a node answered. */
    RpcException(String method, int code, String words) {
        super(method + " was answered with error " + code + ": " + words);
        this.code = code;
        this.words = words;
    }

    private RpcException(long block) {
        super("there is no block " + block);
        this.code = STATE;
        this.words = NOT_FOUND;
    }

    /** A node that has newer blocks has no hash for an older one: it has not kept it, or never had it. */
    static RpcException noBlock(long number) {
        return new RpcException(number);
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
