package io.quartermaster.node.chain.pylon;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Causes;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.chain.Shared;
import io.quartermaster.node.chain.pylon.PylonRequests.Reply;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a subnet from Pylon, through version 1 of its API. Services of all versions are taken as they are: the older ones have a
 * login, the newer ones want a token with every request.
 *
 * <p>Every method asks at once and does not block. Its result completes exceptionally with {@link PylonUnavailable} once some
 * attempts have failed, with {@link PylonAccessRefused}, or with {@link PylonAnswerRefused}. An answer is taken as a whole or not
 * at all. Nothing is changed by asking, so any request may be repeated. Eight requests are under way at once; others wait for
 * their turn, and too many that wait are turned away as unavailable. Safe for use by several threads.
 *
 * @see <a href="https://github.com/bittensor-church/bittensor-pylon">Pylon</a>
 */
public final class PylonClient implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 250;

    private final PylonSettings settings;
    private final PylonRequests requests;
    private final AtomicReference<@Nullable CompletableFuture<Void>> login = new AtomicReference<>();

    private final Shared<List<Neuron>> sharedNeurons = new Shared<>();
    private final Shared<List<Validator>> sharedValidators = new Shared<>();

    /**
     * A client that connects when it is first asked.
     *
     * @param settings whom to ask, and as whom
     */
    public PylonClient(PylonSettings settings) {
        this(settings, FIRST_PAUSE_MILLIS);
    }

    PylonClient(PylonSettings settings, long firstPauseMillis) {
        this.settings = settings;
        this.requests = new PylonRequests(settings, firstPauseMillis);
    }

    /**
     * Who is registered at a block.
     *
     * @param block the block's number
     * @return completes with empty if Pylon knows no such block
     * @throws InvalidArgument if the number is negative
     */
    public CompletableFuture<Optional<AtBlock<Registered>>> neurons(long block) {
        return at(block, "neurons", PylonAnswers::registered).thenApply(found -> found.map(this::shared));
    }

    /**
     * Who is registered at the newest block.
     *
     * @return at the head of the chain, which may yet be replaced
     */
    public CompletableFuture<AtBlock<Registered>> latestNeurons() {
        return latest("neurons", PylonAnswers::registered).thenApply(this::shared);
    }

    /**
     * The validators at a block, the highest stake first. They come with {@link #neurons}, too.
     *
     * @param block the block's number
     * @return completes with empty if Pylon knows no such block
     * @throws InvalidArgument if the number is negative
     */
    public CompletableFuture<Optional<AtBlock<List<Validator>>>> validators(long block) {
        return at(block, "validators", PylonAnswers::validators).thenApply(found -> found.map(this::sharedValidators));
    }

    /**
     * The validators at the newest block, the highest stake first. They come with {@link #latestNeurons}, too.
     *
     * @return at the head of the chain, which may yet be replaced
     */
    public CompletableFuture<AtBlock<List<Validator>>> latestValidators() {
        return latest("validators", PylonAnswers::validators).thenApply(this::sharedValidators);
    }

    /**
     * What neurons have published in words, at the newest block. Pylon has no commitments of older blocks.
     *
     * @return the words of each that has published some, read as UTF-8; a service that is old may name some that are no longer
     *     registered
     */
    public CompletableFuture<AtBlock<Map<Hotkey, String>>> latestCommitments() {
        return latest("commitments", PylonAnswers::commitments);
    }

    private <T> CompletableFuture<Optional<AtBlock<T>>> at(
            long block, String what, Function<JsonNode, AtBlock<T>> reader) {
        if (block < 0) {
            throw new InvalidArgument("block", block, "at least 0");
        }
        return get("/block/" + block + "/" + what).thenApply(reply -> {
            if (!reply.found()) {
                requireUnknownBlock(reply, block);
                return Optional.empty();
            }
            AtBlock<T> answer = read(reply, reader);
            if (answer.block() != block) {
                throw answerRefused(reply, "block.number is " + answer.block() + ": must be " + block + ", as asked");
            }
            return Optional.of(answer);
        });
    }

    private <T> CompletableFuture<AtBlock<T>> latest(String what, Function<JsonNode, AtBlock<T>> reader) {
        return get("/block/latest/" + what).thenApply(reply -> {
            if (!reply.found()) {
                throw missing(reply);
            }
            return read(reply, reader);
        });
    }

    private CompletableFuture<Reply> get(String path) {
        String subnet = "/subnet/" + settings.netuid() + path;
        return settings.identity()
                .map(identity -> loggedIn(identity).thenCompose(done -> requests.get("/identity/" + identity + subnet)))
                .orElseGet(() -> requests.get(subnet));
    }

    private <T> T read(Reply reply, Function<JsonNode, T> reader) {
        try {
            return reader.apply(reply.body());
        } catch (InvalidArgument e) {
            throw answerRefused(reply, String.valueOf(e.getMessage()));
        }
    }

    /** Not only a block may be unknown: an identity, or the whole request. */
    private void requireUnknownBlock(Reply reply, long block) {
        if (!requests.detail(reply.body()).contains("Block " + block + " not found")) {
            throw missing(reply);
        }
    }

    private CompletionException missing(Reply reply) {
        String detail = requests.detail(reply.body());
        return isAboutIdentity(reply)
                ? new CompletionException(requests.accessRefused(reply.from(), detail))
                : answerRefused(
                        reply, "Pylon has no such thing (" + detail + "): is this its address, and is it new enough?");
    }

    private boolean isAboutIdentity(Reply reply) {
        return requests.detail(reply.body()).startsWith("Identity ");
    }

    private CompletionException answerRefused(Reply reply, String why) {
        String safe = settings.token().map(token -> why.replace(token, "***")).orElse(why);
        return new CompletionException(new PylonAnswerRefused(reply.from() + ": " + safe));
    }

    /** Once for all requests; if it fails, the next request tries again. */
    private CompletableFuture<Void> loggedIn(String identity) {
        CompletableFuture<Void> known = login.get();
        if (known != null) {
            return known;
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> others = login.compareAndExchange(null, mine);
        if (others != null) {
            return others;
        }
        var unused = logIn(identity).whenComplete((netuid, failure) -> {
            if (failure == null) {
                mine.complete(null);
            } else {
                login.set(null);
                mine.completeExceptionally(Causes.of(failure));
            }
        });
        return mine;
    }

    /** Asks an older service by a login, and a newer one by its list, which subnet the identity is for. */
    private CompletableFuture<Void> logIn(String identity) {
        Map<String, String> body = Map.of("token", settings.token().orElseThrow());
        return requests.post("/login/identity/" + identity, body).thenCompose(reply -> {
            if (reply.found()) {
                requireNetuid(reply, read(reply, PylonAnswers::loginNetuid));
                return CompletableFuture.completedFuture(null);
            }
            if (isAboutIdentity(reply)) {
                throw missing(reply);
            }
            return listOfIdentities().thenAccept(found -> found.ifPresent(list -> requireListed(list, identity)));
        });
    }

    /** Empty if there is none, or not for us: it may want the token of the open access. What is asked for next will tell. */
    private CompletableFuture<Optional<Reply>> listOfIdentities() {
        return requests.get("/identities")
                .thenApply(reply -> Optional.of(reply).filter(Reply::found))
                .exceptionallyCompose(failure -> Causes.of(failure) instanceof PylonAccessRefused
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    private void requireListed(Reply list, String identity) {
        Optional<Integer> netuid = read(list, body -> PylonAnswers.listedNetuid(body, identity));
        requireNetuid(
                list,
                netuid.orElseThrow(() -> new CompletionException(
                        requests.accessRefused(list.from(), "there is no identity " + identity))));
    }

    private void requireNetuid(Reply reply, int netuid) {
        if (netuid != settings.netuid()) {
            throw new CompletionException(new PylonAccessRefused(reply.from() + ": the identity "
                    + settings.identity().orElseThrow() + " is for subnet " + netuid + ", but the netuid here is "
                    + settings.netuid() + ": configure the same netuid on both sides"));
        }
    }

    private AtBlock<Registered> shared(AtBlock<Registered> read) {
        return new AtBlock<>(
                read.block(),
                read.hash(),
                new Registered(
                        sharedNeurons.of(read.value().neurons()),
                        sharedValidators.of(read.value().validators())));
    }

    private AtBlock<List<Validator>> sharedValidators(AtBlock<List<Validator>> read) {
        return new AtBlock<>(read.block(), read.hash(), sharedValidators.of(read.value()));
    }

    /** From now on every request fails; those under way end within the patience. */
    @Override
    public void close() {
        requests.close();
    }
}
