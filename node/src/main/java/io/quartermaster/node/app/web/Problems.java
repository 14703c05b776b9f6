package io.quartermaster.node.app.web;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.CannotExtendReservation;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.NeuronSnapshotMissing;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import io.quartermaster.api.ReservationNotFound;
import java.net.URI;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Errors as problem details (RFC 9457). The type names the error for programs; the detail says it to people. */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final String TYPE_PREFIX = "urn:quartermaster:";

    /** What an error is answered with, where it is one of several answers. */
    static ProblemDetail of(RuntimeException failure) {
        if (failure instanceof Refused refusal) {
            return refusal(refusal);
        }
        if (failure instanceof InvalidArgument invalid) {
            return argument(invalid);
        }
        return failure instanceof OutcomeUnknown unknown
                ? outcome(unknown)
                : problem(HttpStatus.SERVICE_UNAVAILABLE, failure);
    }

    @ExceptionHandler
    ProblemDetail refused(Refused refusal) {
        return refusal(refusal);
    }

    private static ProblemDetail refusal(Refused refusal) {
        boolean notFound = refusal instanceof ReservationNotFound || refusal instanceof NeuronSnapshotMissing;
        ProblemDetail problem = problem(notFound ? HttpStatus.NOT_FOUND : HttpStatus.CONFLICT, refusal);
        if (refusal instanceof CannotReserveAllowance cannot) {
            problem.setProperty("miner", cannot.miner());
            problem.setProperty("required", cannot.requiredSeconds());
            problem.setProperty("available", cannot.availableSeconds());
        } else if (refusal instanceof NotEnoughAllowance notEnough) {
            problem.setProperty("required", notEnough.requiredSeconds());
            problem.setProperty("highestAvailable", notEnough.highestAvailableSeconds());
            problem.setProperty(
                    "highestAvailableMiner",
                    notEnough.highestAvailableMiner().map(Hotkey::value).orElse(""));
            problem.setProperty("highestUnspent", notEnough.highestUnspentSeconds());
            problem.setProperty(
                    "highestUnspentMiner",
                    notEnough.highestUnspentMiner().map(Hotkey::value).orElse(""));
            notEnough
                    .enough()
                    .ifPresent(forecast -> problem.setProperty(
                            "enough",
                            Map.of(
                                    "miner", forecast.miner().value(),
                                    "block", forecast.block(),
                                    "seconds", forecast.fromNow().toSeconds())));
        } else if (refusal instanceof CannotExtendReservation cannot) {
            problem.setProperty("latestDeadline", cannot.latestDeadline());
        } else if (refusal instanceof NotEnoughCollateral collateral) {
            problem.setProperty("minimumWei", collateral.minimumWei().toString());
        } else if (refusal instanceof AllMinersBusy busy) {
            problem.setProperty("minersTried", busy.minersTried());
        } else if (refusal instanceof JobIdReused reused) {
            problem.setProperty("active", reused.active());
        }
        return problem;
    }

    @ExceptionHandler
    ProblemDetail notFound(NotFound notFound) {
        return problem(HttpStatus.NOT_FOUND, notFound);
    }

    @ExceptionHandler
    ProblemDetail invalid(InvalidArgument invalid) {
        return argument(invalid);
    }

    private static ProblemDetail argument(InvalidArgument invalid) {
        ProblemDetail problem = problem(HttpStatus.BAD_REQUEST, invalid);
        problem.setProperty("field", invalid.field());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail unavailable(GridUnavailable unavailable) {
        return problem(HttpStatus.SERVICE_UNAVAILABLE, unavailable);
    }

    @ExceptionHandler
    ProblemDetail unknown(OutcomeUnknown unknown) {
        return outcome(unknown);
    }

    private static ProblemDetail outcome(OutcomeUnknown unknown) {
        ProblemDetail problem = problem(HttpStatus.GATEWAY_TIMEOUT, unknown);
        problem.setProperty("call", unknown.call());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail wrongType(MethodArgumentTypeMismatchException mismatch) {
        return invalid(new InvalidArgument(
                mismatch.getName(), String.valueOf(mismatch.getValue()), "a number, written in digits"));
    }

    @ExceptionHandler
    ProblemDetail anythingElse(RuntimeException unexpected) {
        LOG.error("A request failed in a way that should not be possible", unexpected);
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.INTERNAL_SERVER_ERROR, "Something went wrong in the replica; its log says what");
        problem.setType(URI.create(TYPE_PREFIX + "InternalError"));
        problem.setTitle("InternalError");
        return problem;
    }

    private static ProblemDetail problem(HttpStatus status, RuntimeException error) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, error.getMessage());
        String name = error.getClass().getSimpleName();
        problem.setType(URI.create(TYPE_PREFIX + name));
        problem.setTitle(name);
        return problem;
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String cause = String.valueOf(unreadable.getMostSpecificCause().getMessage())
                .lines()
                .findFirst()
                .orElse("");
        ProblemDetail problem =
                invalid(new InvalidArgument("body", "The body is not the JSON that is expected: " + cause));
        return new ResponseEntity<>(problem, headers, HttpStatus.BAD_REQUEST);
    }

    @Override
    protected ResponseEntity<Object> handleMissingServletRequestParameter(
            MissingServletRequestParameterException missing,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        ProblemDetail problem =
                invalid(new InvalidArgument(missing.getParameterName(), missing.getParameterName() + " is missing"));
        return new ResponseEntity<>(problem, headers, HttpStatus.BAD_REQUEST);
    }
}
