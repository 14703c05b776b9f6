package io.quartermaster.node.app.web;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.CannotExtendReservation;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.LockTaken;
import io.quartermaster.api.NeuronSnapshotMissing;
import io.quartermaster.api.NoMinerForExecutorType;
import io.quartermaster.api.NoMinerWithEnoughAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.NotEnoughTimeInCycle;
import io.quartermaster.api.OutcomeUnknown;
import io.quartermaster.api.ReceiptForged;
import io.quartermaster.api.Refused;
import io.quartermaster.api.ReservationAlreadySpent;
import io.quartermaster.api.ReservationNotFound;
import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Every problem that the API answers with. Their names are kept for ever: programs go by them. */
enum ProblemType {
    INVALID_ARGUMENT(400, InvalidArgument.class, "The request is wrong; the detail says what would be right."),
    UNAUTHENTICATED(401, "There is no token, or it is not one that counts."),
    FORBIDDEN(403, "The token does not have the scope that the call needs."),
    FOREIGN_ORIGIN(403, "The request comes from a page of another site, or was addressed to another host."),
    NOT_FOUND(404, "What the path names is not there."),
    RESERVATION_NOT_FOUND(404, ReservationNotFound.class, "No such reservation, or it was undone or has expired."),
    NEURON_SNAPSHOT_MISSING(404, NeuronSnapshotMissing.class, "The neurons of that block are not kept."),
    METHOD_NOT_ALLOWED(405, "The path does not answer to this method; the Allow header names those that it does."),
    NOT_ACCEPTABLE(406, "The answer can't be had in the form that the Accept header asks for."),
    NOT_ENOUGH_ALLOWANCE(409, NotEnoughAllowance.class, "No miner has as much allowance left."),
    CANNOT_RESERVE_ALLOWANCE(409, CannotReserveAllowance.class, "The miner has not as much allowance left."),
    RESERVATION_ALREADY_SPENT(409, ReservationAlreadySpent.class, "The reservation has been spent."),
    CANNOT_EXTEND_RESERVATION(409, CannotExtendReservation.class, "The reservation can't be given so much more time."),
    JOB_ID_REUSED(409, JobIdReused.class, "The job id stands for another request, which is still active."),
    CANNOT_SPEND(409, CannotSpend.class, "The blocks that a receipt names don't pay for it."),
    NOT_ENOUGH_COLLATERAL(409, NotEnoughCollateral.class, "No miner with enough allowance has enough collateral."),
    NOT_ENOUGH_TIME_IN_CYCLE(409, NotEnoughTimeInCycle.class, "By cycle: the job would not end before the cycle does."),
    NO_MINER_FOR_EXECUTOR_TYPE(409, NoMinerForExecutorType.class, "By cycle: no miner offers executors of the class."),
    NO_MINER_WITH_ENOUGH_ALLOWANCE(
            409, NoMinerWithEnoughAllowance.class, "By cycle: no miner has as much allowance left in this cycle."),
    LOCK_TAKEN(409, LockTaken.class, "Another one holds the lock."),
    LOCK_LOST(409, LockLost.class, "The lock was held for longer than its lease, and another one may have it."),
    RECEIPT_FORGED(409, ReceiptForged.class, "A receipt lacks the signatures that it must carry."),
    ALL_MINERS_BUSY(409, AllMinersBusy.class, "Every miner that could take the job is busy."),
    REFUSED(409, "The books say no; the detail says why."),
    TOO_LARGE(413, "The body has more bytes than are read."),
    UNSUPPORTED_MEDIA_TYPE(415, "The body must be JSON, with Content-Type application/json."),
    TOO_MANY_REQUESTS(429, "More requests are at work than are let in; Retry-After says when to come again."),
    HEADERS_TOO_LARGE(431, "The address and the headers have more bytes than are read."),
    INTERNAL_ERROR(500, "A fault of the replica; its log says what."),
    GRID_UNAVAILABLE(503, GridUnavailable.class, "Not done, as no majority of the replicas is there. Try again later."),
    CLOSING(503, "Not done, as the replica is being stopped. Ask another one."),
    OUTCOME_UNKNOWN(504, OutcomeUnknown.class, "Perhaps done. Repeat it with the same job id or Call-Id.");

    private static final String PREFIX = "urn:quartermaster:";

    private final int status;
    private final Optional<Class<?>> thrown;
    private final String meaning;

    ProblemType(int status, String meaning) {
        this(status, Optional.empty(), meaning);
    }

    ProblemType(int status, Class<?> thrown, String meaning) {
        this(status, Optional.of(thrown), meaning);
    }

    ProblemType(int status, Optional<Class<?>> thrown, String meaning) {
        this.status = status;
        this.thrown = thrown;
        this.meaning = meaning;
    }

    /** The problem that a refusal is; each kind has its own. */
    static ProblemType of(Class<? extends Refused> refusal) {
        return Arrays.stream(values())
                .filter(type -> type.thrown.filter(refusal::equals).isPresent())
                .findFirst()
                .orElse(REFUSED);
    }

    /** What a status without anything more to say means. */
    static ProblemType ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 413 -> TOO_LARGE;
            case 414, 431 -> HEADERS_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 503 -> CLOSING;
            default -> status < 500 ? INVALID_ARGUMENT : INTERNAL_ERROR;
        };
    }

    int status() {
        return status;
    }

    String meaning() {
        return meaning;
    }

    /** The name that the URI ends with: the exception's, where there is one. */
    String title() {
        return thrown.map(Class::getSimpleName)
                .orElseGet(() -> Pattern.compile("_?([A-Z])([A-Z]*)")
                        .matcher(name())
                        .replaceAll(word -> word.group(1) + word.group(2).toLowerCase(Locale.ROOT)));
    }

    URI uri() {
        return URI.create(PREFIX + title());
    }
}
