package io.quartermaster.node.app.boot;

import io.quartermaster.api.InvalidArgument;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Whoever starts a program with a wrong setting reads what would be right, and no stack trace. */
final class WrongSettings extends AbstractFailureAnalyzer<InvalidArgument> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable failure, InvalidArgument wrong) {
        return new FailureAnalysis(
                "Quartermaster can't start: " + wrong.getMessage(),
                "Mend " + wrong.field() + " in the settings.",
                failure);
    }
}
