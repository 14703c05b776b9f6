package io.quartermaster.node.app.boot;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.Locks;
import io.quartermaster.api.Routing;
import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.Chain;
import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Makes a Spring Boot program a replica, if it has any setting under {@code quartermaster}: see {@link QuartermasterProperties}.
 * The replica leaves the grid in good order when the program's context is closed.
 */
@AutoConfiguration
@Conditional(QuartermasterAutoConfiguration.Wanted.class)
@EnableConfigurationProperties(QuartermasterProperties.class)
public class QuartermasterAutoConfiguration {

    /** A program that only has the library on its class path gets no replica. */
    static final class Wanted implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return Binder.get(context.getEnvironment())
                    .bind("quartermaster", Bindable.mapOf(String.class, Object.class))
                    .map(settings -> !Map.copyOf(settings).isEmpty())
                    .orElse(false);
        }
    }

    /**
     * The replica.
     *
     * @param properties its settings
     * @param chains the program's own chain, if it has one
     * @return a running replica that can route, unless it is not to be waited for
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    public Quartermaster quartermaster(QuartermasterProperties properties, ObjectProvider<Chain> chains) {
        // What is wrong with them is said before a chain is followed that would have to be closed.
        ReplicaSettings settings = properties.settings();
        Quartermaster replica = Quartermaster.join(chains.getIfAvailable(properties::chain), settings);
        if (properties.readyWithin().compareTo(Duration.ZERO) > 0) {
            try {
                replica.awaitReady(properties.readyWithin());
            } catch (RuntimeException e) {
                replica.close();
                throw e;
            }
        }
        return replica;
    }

    /**
     * The books.
     *
     * @param quartermaster the replica
     * @return as {@link Quartermaster#allowance}
     */
    @Bean
    @ConditionalOnMissingBean
    public Allowance allowance(Quartermaster quartermaster) {
        return quartermaster.allowance();
    }

    /**
     * The router.
     *
     * @param quartermaster the replica
     * @return as {@link Quartermaster#routing}
     */
    @Bean
    @ConditionalOnMissingBean
    public Routing routing(Quartermaster quartermaster) {
        return quartermaster.routing();
    }

    /**
     * Locks across all replicas.
     *
     * @param quartermaster the replica
     * @return as {@link Quartermaster#locks}
     */
    @Bean
    @ConditionalOnMissingBean
    public Locks locks(Quartermaster quartermaster) {
        return quartermaster.locks();
    }
}
