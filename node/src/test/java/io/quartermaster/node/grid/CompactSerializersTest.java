package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.SerializationConfig;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.internal.serialization.impl.compact.Schema;
import com.hazelcast.internal.serialization.impl.compact.SchemaService;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;

/** What the engine moves between replicas arrives as it was: else a partition can't move, and its books stand still. */
class CompactSerializersTest {
    private static InternalSerializationService service() {
        SerializationConfig config = new SerializationConfig();
        CompactSerializers.all().forEach(config.getCompactSerializationConfig()::addSerializer);
        return new DefaultSerializationServiceBuilder()
                .setConfig(config)
                .setSchemaService(new LocalSchemas())
                .build();
    }

    /** The schemas of one member. */
    private static final class LocalSchemas implements SchemaService {
        private final Map<Long, Schema> schemas = new ConcurrentHashMap<>();

        @Override
        public Schema get(long id) {
            return Objects.requireNonNull(schemas.get(id));
        }

        @Override
        public void put(Schema schema) {
            schemas.put(schema.getSchemaId(), schema);
        }

        @Override
        public void putLocal(Schema schema) {
            put(schema);
        }
    }

    @Test
    void pagesOfRecordsOfEveryKindArriveAsTheyWere() {
        InternalSerializationService service = service();
        Random random = new Random(1);
        for (int round = 0; round < 20; round++) {
            for (RecordKind<?> kind : RecordKind.all()) {
                RecordPage page = new RecordPage(
                        kind,
                        HashTreePMap.<String, Object>singleton("a", Records.random(random, kind))
                                .plus("b", Records.random(random, kind)));
                assertThat(service.<Object>toObject(service.toData(page))).isEqualTo(page);
                assertThat(service.<Object>toObject(service.toData(RecordPage.empty(kind))))
                        .isEqualTo(RecordPage.empty(kind));
            }
        }
    }
}
