package io.quartermaster.node.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.sql.SqlStatement;
import io.quartermaster.api.InvalidArgument;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the books known to SQL under the names of {@link SqlTable}. */
final class SqlMappings {
    private static final Logger LOG = LoggerFactory.getLogger(SqlMappings.class);
    private static final long TRY_AGAIN_MILLIS = 500;

    /** More rows than that are not sorted or grouped: who asks for them must not take the replica's memory. */
    private static final long MOST_ROWS_AT_ONCE = 1_000_000;

    /** By name: its class can't be loaded where the engine has no SQL. */
    private static final String CONNECTION = SqlMappings.class.getPackageName() + ".SqlConnection";

    private final HazelcastInstance member;
    private final ScheduledExecutorService thread;
    private boolean failed;

    private SqlMappings(HazelcastInstance member, ScheduledExecutorService thread) {
        this.member = member;
        this.thread = thread;
    }

    /** SQL is run by the engine's Jet, which is off by itself: it keeps threads of its own. */
    static void configure(Config config, boolean wanted) {
        config.getJetConfig().setEnabled(wanted);
        if (wanted) {
            if (SqlMappings.class.getResource("/com/hazelcast/jet/sql/impl/connector/SqlConnector.class") == null) {
                throw new InvalidArgument(
                        "SQL for Management Center",
                        "on",
                        "off, or on with com.hazelcast:hazelcast-sql on the class path");
            }
            config.getJetConfig()
                    .setResourceUploadEnabled(false)
                    .setCooperativeThreadCount(1)
                    .setMaxProcessorAccumulatedRecords(MOST_ROWS_AT_ONCE);
            // A plan names the class that makes its reader.
            config.getSerializationConfig()
                    .getJavaSerializationFilterConfig()
                    .getWhitelist()
                    .addClasses(CONNECTION);
        }
    }

    /** Makes them once this member may; until then they can't be kept anywhere. */
    static void make(HazelcastInstance member, ScheduledExecutorService thread) {
        SqlMappings mappings = new SqlMappings(member, thread);
        thread.execute(mappings::attempt);
    }

    private void attempt() {
        if (!member.getLifecycleService().isRunning()) {
            return;
        }
        if (!member.getCluster().getLocalMember().isLiteMember()) {
            try {
                for (SqlTable table : SqlTable.all()) {
                    member.getSql()
                            .execute(new SqlStatement("CREATE OR REPLACE EXTERNAL MAPPING " + table.name() + " TYPE "
                                    + SqlConnection.TYPE))
                            .close();
                }
                LOG.info(
                        "SQL knows {}",
                        SqlTable.all().stream().map(SqlTable::name).collect(Collectors.joining(", ")));
                return;
            } catch (HazelcastException e) {
                if (!failed) {
                    LOG.warn("SQL does not know the books yet: {}", e.getMessage());
                }
                failed = true;
            }
        }
        var unused = thread.schedule(this::attempt, TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
}
