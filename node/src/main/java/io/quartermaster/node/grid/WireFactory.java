package io.quartermaster.node.grid;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;

/** The entry processors, by number. A number once given out is never used for anything else. */
final class WireFactory implements DataSerializableFactory {
    static final int ID = 7001;
    static final int ORDER_PROCESSOR = 1;
    static final int DECISION_PROCESSOR = 2;

    @Override
    public IdentifiedDataSerializable create(int typeId) {
        return switch (typeId) {
            case ORDER_PROCESSOR -> new OrderProcessor();
            case DECISION_PROCESSOR -> new DecisionProcessor();
            default -> throw new IllegalArgumentException("No entry processor has number " + typeId);
        };
    }
}
