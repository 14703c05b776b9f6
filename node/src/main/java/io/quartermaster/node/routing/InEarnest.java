package io.quartermaster.node.routing;

import io.quartermaster.api.JobRoute;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.SystemEvent;

/** Decisions that count: they are logged, and told as events. */
record InEarnest(SlotBooking booking, DecisionLog decisions, EventLog events) implements Purpose {
    @Override
    public boolean knows(JobRoute route) {
        return decisions.find(route.job()).flatMap(RoutingDecision::reservation).equals(route.reservation());
    }

    @Override
    public void conclude(RoutingDecision decision) {
        decisions.add(decision);
        events.record(DecisionEvent.of(decision));
    }

    @Override
    public void tell(SystemEvent event) {
        events.record(event);
    }
}
