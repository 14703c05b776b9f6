package io.quartermaster.node.grid;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;

/** The entry processors, by number. A number once given out is never used for anything else. */
final class WireFactory implements DataSerializableFactory {
    static final int ID = 7001;
    static final int ORDER_PROCESSOR = 1;
    static final int DECISION_PROCESSOR = 2;
    static final int BLOCK_PROCESSOR = 3;
    static final int PUT_PROCESSOR = 4;

    @Override
    public IdentifiedDataSerializable create(int typeId) {
        return switch (typeId) {
            case ORDER_PROCESSOR -> new OrderProcessor();
            case DECISION_PROCESSOR -> new DecisionProcessor();
            case BLOCK_PROCESSOR -> new BlockProcessor();
            case PUT_PROCESSOR -> new PutProcessor<>();
            default -> throw new IllegalArgumentException("No entry processor has number " + typeId);
        };
    }
}
