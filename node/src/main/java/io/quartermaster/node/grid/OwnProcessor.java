package io.quartermaster.node.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An entry processor that is sent by number, and works on the books of the replica where it runs. */
abstract class OwnProcessor<K, V, R>
        implements EntryProcessor<K, V, R>, IdentifiedDataSerializable, HazelcastInstanceAware {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int number;
    private transient @Nullable HazelcastInstance member;

    /**
     * One of a kind.
     *
     * @param number its number in {@link WireFactory}
     */
    OwnProcessor(int number) {
        this.number = number;
    }

    /** The member where this runs. */
    final HazelcastInstance member() {
        if (member == null) {
            throw new IllegalStateException(getClass().getSimpleName() + " outside the grid");
        }
        return member;
    }

    /** The books of the replica where this runs. */
    final ReplicaBooks books() {
        return ReplicaBooks.of(member());
    }

    /** What was sent: there is none before it was read. */
    static <T> T sent(@Nullable T payload) {
        if (payload == null) {
            throw new IllegalStateException("An entry processor without what it was sent for");
        }
        return payload;
    }

    @Override
    public final void setHazelcastInstance(HazelcastInstance instance) {
        this.member = instance;
    }

    @Override
    public final int getFactoryId() {
        return WireFactory.ID;
    }

    @Override
    public final int getClassId() {
        return number;
    }
}
