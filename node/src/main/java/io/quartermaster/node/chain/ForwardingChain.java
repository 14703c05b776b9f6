package io.quartermaster.node.chain;

import io.quartermaster.node.chain.Observation.BlockSeen;
import io.quartermaster.node.events.EventLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A chain that is another one, but for what a subclass changes. As safe for several threads as that one. */
public abstract class ForwardingChain implements Chain {
    private final Chain chain;

    /**
     * Forwards.
     *
     * @param chain to which chain
     */
    protected ForwardingChain(Chain chain) {
        this.chain = chain;
    }

    @Override
    public ChainInfo info() {
        return chain.info();
    }

    @Override
    public PacedClock clock() {
        return chain.clock();
    }

    @Override
    public Optional<Observation> next(Duration patience) throws InterruptedException {
        return chain.next(patience);
    }

    @Override
    public boolean ended() {
        return chain.ended();
    }

    @Override
    public long head() {
        return chain.head();
    }

    @Override
    public Optional<BlockSeen> block(long number) {
        return chain.block(number);
    }

    @Override
    public long oldestReachable() {
        return chain.oldestReachable();
    }

    @Override
    public void tellTo(EventLog events) {
        chain.tellTo(events);
    }

    @Override
    public Optional<MinerSource> miners() {
        return chain.miners();
    }

    @Override
    public Optional<EvmDirectory> evm() {
        return chain.evm();
    }

    @Override
    public Optional<CollateralSource> collateral() {
        return chain.collateral();
    }

    @Override
    public List<NodeReport> nodes() {
        return chain.nodes();
    }

    @Override
    public void close() {
        chain.close();
    }
}
