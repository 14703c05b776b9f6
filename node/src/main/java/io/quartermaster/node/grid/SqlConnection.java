package io.quartermaster.node.grid;

import com.hazelcast.function.FunctionEx;
import com.hazelcast.jet.Traverser;
import com.hazelcast.jet.Traversers;
import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.EventTimePolicy;
import com.hazelcast.jet.core.ProcessorMetaSupplier;
import com.hazelcast.jet.core.ProcessorSupplier;
import com.hazelcast.jet.core.Vertex;
import com.hazelcast.jet.sql.impl.ExpressionUtil;
import com.hazelcast.jet.sql.impl.connector.HazelcastRexNode;
import com.hazelcast.jet.sql.impl.connector.SqlConnector;
import com.hazelcast.jet.sql.impl.schema.JetTable;
import com.hazelcast.spi.impl.NodeEngine;
import com.hazelcast.sql.SqlColumnType;
import com.hazelcast.sql.impl.QueryException;
import com.hazelcast.sql.impl.expression.Expression;
import com.hazelcast.sql.impl.expression.ExpressionEvalContext;
import com.hazelcast.sql.impl.optimizer.PlanObjectKey;
import com.hazelcast.sql.impl.row.JetSqlRow;
import com.hazelcast.sql.impl.schema.ConstantTableStatistics;
import com.hazelcast.sql.impl.schema.MappingField;
import com.hazelcast.sql.impl.schema.Table;
import com.hazelcast.sql.impl.schema.TableField;
import com.hazelcast.sql.impl.type.QueryDataType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows the books to the engine's SQL as read-only tables: the maps themselves hold ledgers and pages of records, which SQL can't
 * take apart. The member that is asked answers from its own copy. Found by the engine through {@code META-INF/services}, where
 * hazelcast-sql is on the class path; nothing else loads this class. The interface is not one that the engine promises to keep.
 */
public final class SqlConnection implements SqlConnector {
    static final String TYPE = "Quartermaster";

    /** Called by the engine. */
    public SqlConnection() {}

    @Override
    public String typeName() {
        return TYPE;
    }

    @Override
    public String defaultObjectType() {
        return TYPE;
    }

    @Override
    public List<MappingField> resolveAndValidateFields(
            NodeEngine engine, SqlExternalResource resource, List<MappingField> given) {
        if (!given.isEmpty()) {
            throw QueryException.error("The columns of " + TYPE + "'s tables are given: leave them out");
        }
        return table(resource).columns().stream()
                .map(column -> new MappingField(column.name(), type(column.type())))
                .toList();
    }

    @Override
    public Table createTable(
            NodeEngine engine,
            String schema,
            String mapping,
            SqlExternalResource resource,
            List<MappingField> resolved) {
        return new BooksTable(this, schema, mapping, table(resource));
    }

    private static SqlTable table(SqlExternalResource resource) {
        String name = String.join(".", resource.externalName());
        return SqlTable.named(name)
                .orElseThrow(() -> QueryException.error(TYPE + " has no table " + name + ", but "
                        + SqlTable.all().stream().map(SqlTable::name).toList()));
    }

    private static QueryDataType type(SqlColumnType type) {
        return switch (type) {
            case VARCHAR -> QueryDataType.VARCHAR;
            case BIGINT -> QueryDataType.BIGINT;
            case DOUBLE -> QueryDataType.DOUBLE;
            case BOOLEAN -> QueryDataType.BOOLEAN;
            case TIMESTAMP_WITH_TIME_ZONE -> QueryDataType.TIMESTAMP_WITH_TZ_OFFSET_DATE_TIME;
            default -> throw new IllegalArgumentException("No table has a column of type " + type);
        };
    }

    @Override
    public Vertex fullScanReader(
            DagBuildContext context,
            @Nullable HazelcastRexNode predicate,
            List<HazelcastRexNode> projection,
            @Nullable List<Map<String, Expression<?>>> partitions,
            @Nullable FunctionEx<ExpressionEvalContext, EventTimePolicy<JetSqlRow>> eventTimes) {
        if (eventTimes != null) {
            throw QueryException.error(TYPE + "'s tables are not streams");
        }
        BooksTable table = context.getTable();
        String name = table.shown.name();
        Expression<Boolean> filter = context.convertFilter(predicate);
        List<Expression<?>> columns = context.convertProjection(projection);
        return context.getDag()
                .newUniqueVertex(
                        table.toString(),
                        ProcessorMetaSupplier.forceTotalParallelismOne(
                                ProcessorSupplier.of(() -> new Reader(name, filter, columns)),
                                context.getNodeEngine().getThisAddress()));
    }

    @Override
    public boolean supportsExpression(HazelcastRexNode expression) {
        return true;
    }

    private static final class BooksTable extends JetTable {
        /** The engine only compares it with other tables'. */
        private static final long ABOUT = 1000;

        private final SqlTable shown;

        private BooksTable(SqlConnector connector, String schema, String mapping, SqlTable shown) {
            super(
                    connector,
                    shown.columns().stream()
                            .map(column -> new TableField(column.name(), type(column.type()), false))
                            .toList(),
                    schema,
                    mapping,
                    new ConstantTableStatistics(ABOUT),
                    TYPE,
                    false);
            this.shown = shown;
        }

        @Override
        public PlanObjectKey getObjectKey() {
            return PlanObjectKey.NON_CACHEABLE_OBJECT_KEY;
        }
    }

    private static final class Reader extends AbstractProcessor {
        private final String table;
        private final @Nullable Expression<Boolean> filter;
        private final List<Expression<?>> columns;
        private Traverser<JetSqlRow> rows = Traversers.empty();

        private Reader(String table, @Nullable Expression<Boolean> filter, List<Expression<?>> columns) {
            this.table = table;
            this.filter = filter;
            this.columns = columns;
        }

        /** A ledger's sums take long enough to keep others waiting on a thread of the engine's. */
        @Override
        public boolean isCooperative() {
            return false;
        }

        @Override
        protected void init(Context context) {
            ExpressionEvalContext evaluation = ExpressionEvalContext.from(context);
            ReplicaBooks books = ReplicaBooks.of(context.hazelcastInstance());
            rows = Traversers.traverseStream(SqlTable.named(table)
                    .orElseThrow()
                    .rows(books)
                    .flatMap(values -> ExpressionUtil.evaluate(
                            filter,
                            columns,
                            Stream.of(new JetSqlRow(evaluation.getSerializationService(), values)),
                            evaluation)
                            .stream()));
        }

        @Override
        public boolean complete() {
            return emitFromTraverser(rows);
        }
    }
}
