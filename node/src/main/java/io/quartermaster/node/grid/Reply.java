package io.quartermaster.node.grid;

import io.quartermaster.node.views.Mark;
import java.util.Optional;

/**
 * What an owner answers to a command.
 *
 * @param mark the decision's name; empty if the owner may not decide now, and nothing was done
 * @param outcome the answer, if it was decided
 */
record Reply(Optional<Mark> mark, Optional<Object> outcome) {
    static final Reply NOT_NOW = new Reply(Optional.empty(), Optional.empty());

    static Reply decided(Mark mark, Object outcome) {
        return new Reply(Optional.of(mark), Optional.of(outcome));
    }
}
