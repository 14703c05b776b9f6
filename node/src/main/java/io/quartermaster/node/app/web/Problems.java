package io.quartermaster.node.app.web;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.CannotExtendReservation;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.NoMinerForExecutorType;
import io.quartermaster.api.NoMinerWithEnoughAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.NotEnoughTimeInCycle;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.Refused;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Errors as problem details (RFC 9457), all of them made here. The type names the error for programs, the detail says it to
 * people.
 */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    static ProblemDetail problem(ProblemType type, @Nullable String detail) {
        ProblemDetail problem = ProblemDetail.forStatus(type.status());
        problem.setType(type.uri());
        problem.setTitle(type.title());
        problem.setDetail(detail);
        return problem;
    }

    /** What a failure is answered with; also where it is one of several answers. */
    static ProblemDetail of(RuntimeException failure) {
        if (failure instanceof Refused refusal) {
            return refusal(refusal);
        }
        if (failure instanceof InvalidArgument invalid) {
            ProblemDetail problem = problem(ProblemType.INVALID_ARGUMENT, invalid.getMessage());
            problem.setProperty("field", invalid.field());
            return problem;
        }
        if (failure instanceof OutcomeUnknown unknown) {
            ProblemDetail problem = problem(ProblemType.OUTCOME_UNKNOWN, unknown.getMessage());
            problem.setProperty("call", unknown.call());
            return problem;
        }
        if (failure instanceof GridUnavailable) {
            return problem(ProblemType.GRID_UNAVAILABLE, failure.getMessage());
        }
        LOG.error("A request failed in a way that should not be possible", failure);
        return problem(ProblemType.INTERNAL_ERROR, "Something went wrong in the replica; its log says what");
    }

    private static ProblemDetail refusal(Refused refusal) {
        ProblemDetail problem = problem(ProblemType.of(refusal.getClass()), refusal.getMessage());
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
        } else if (refusal instanceof NoMinerForExecutorType none) {
            problem.setProperty("blacklisted", none.blacklisted());
        } else if (refusal instanceof JobIdReused reused) {
            reused.active().ifPresent(active -> problem.setProperty("active", active));
        } else if (refusal instanceof NotEnoughTimeInCycle time) {
            problem.setProperty("remaining", time.remainingSeconds());
            problem.setProperty("required", time.requiredSeconds());
        } else if (refusal instanceof NoMinerWithEnoughAllowance none) {
            problem.setProperty("required", none.requiredSeconds());
            problem.setProperty("highestRemaining", none.highestRemainingSeconds());
        }
        return problem;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(RequestRefused refusal) {
        ProblemDetail problem = problem(refusal.type(), refusal.getMessage());
        return switch (refusal.type()) {
            case UNAUTHENTICATED -> answer(problem, HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            case TOO_MANY_REQUESTS -> answer(problem, HttpHeaders.RETRY_AFTER, "1");
            case CLOSING, TOO_LARGE -> answer(problem, HttpHeaders.CONNECTION, "close");
            default -> answer(problem);
        };
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unavailable(GridUnavailable unavailable) {
        return answer(of(unavailable), HttpHeaders.RETRY_AFTER, "2");
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> wrongType(MethodArgumentTypeMismatchException mismatch) {
        return anythingElse(new InvalidArgument(
                mismatch.getName(), String.valueOf(mismatch.getValue()), "a number, written in digits"));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> wrongQuery(InvalidParameterException wrong) {
        return anythingElse(new InvalidArgument("query", "The query can't be read: " + wrong.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> anythingElse(RuntimeException failure) {
        return answer(of(failure));
    }

    private static ResponseEntity<ProblemDetail> answer(ProblemDetail problem, String... header) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (header.length == 2) {
            headers.set(header[0], header[1]);
        }
        return new ResponseEntity<>(problem, headers, problem.getStatus());
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        Optional<RequestRefused> refusal = Stream.<@Nullable Throwable>iterate(
                        unreadable, cause -> cause != null, cause -> cause == null ? null : cause.getCause())
                .filter(RequestRefused.class::isInstance)
                .map(RequestRefused.class::cast)
                .findFirst();
        if (refusal.isPresent()) {
            return asObject(refused(refusal.get()));
        }
        String cause = String.valueOf(unreadable.getMostSpecificCause().getMessage())
                .lines()
                .findFirst()
                .orElse("");
        return asObject(
                anythingElse(new InvalidArgument("body", "The body is not the JSON that is expected: " + cause)));
    }

    @Override
    protected ResponseEntity<Object> handleMissingServletRequestParameter(
            MissingServletRequestParameterException missing,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return asObject(anythingElse(
                new InvalidArgument(missing.getParameterName(), missing.getParameterName() + " is missing")));
    }

    /** Whatever else Spring finds wrong with a request. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception wrong, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemType type = ProblemType.ofStatus(status.value());
        @Nullable String said = body instanceof ProblemDetail detailed ? detailed.getDetail() : null;
        ProblemDetail problem = problem(type, said == null ? type.meaning() : said);
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(problem, all, problem.getStatus());
    }

    private static ResponseEntity<Object> asObject(ResponseEntity<ProblemDetail> answer) {
        return new ResponseEntity<>(answer.getBody(), answer.getHeaders(), answer.getStatusCode());
    }
}
