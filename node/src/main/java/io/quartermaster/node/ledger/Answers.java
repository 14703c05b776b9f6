package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The answers that a ledger has given lately. Two generations: when the young one is old enough, it becomes the old one, and
 * what was old is forgotten. So an answer is kept for one to two times {@link Limits#ANSWERS_KEPT_MILLIS}, and forgetting
 * costs nothing. Immutable.
 *
 * @param youngSinceMillis when the young generation began
 * @param young the answers since then
 * @param old the answers of the generation before
 */
public record Answers(long youngSinceMillis, PMap<CallId, LedgerOutcome> young, PMap<CallId, LedgerOutcome> old) {
    /** No answers. */
    public static final Answers NONE = new Answers(0, HashTreePMap.empty(), HashTreePMap.empty());

    /**
     * What was answered to a call.
     *
     * @param call the call
     * @return null if it is not known
     */
    public @Nullable LedgerOutcome to(CallId call) {
        LedgerOutcome answer = young.get(call);
        return answer != null ? answer : old.get(call);
    }

    Answers with(CallId call, LedgerOutcome answer, long nowMillis) {
        if (nowMillis - youngSinceMillis <= Limits.ANSWERS_KEPT_MILLIS) {
            return new Answers(youngSinceMillis, young.plus(call, answer), old);
        }
        return new Answers(nowMillis, HashTreePMap.singleton(call, answer), young);
    }

    /**
     * How many answers are kept.
     *
     * @return at least 0
     */
    public int size() {
        return young.size() + old.size();
    }
}
