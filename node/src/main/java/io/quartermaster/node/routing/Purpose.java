package io.quartermaster.node.routing;

import io.quartermaster.api.JobRoute;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.events.SystemEvent;

/** What a decision is made for: in earnest, or to see what would come of it. The steps are the same. */
interface Purpose {
    /** Where executors and allowance are taken. */
    SlotBooking booking();

    /** Whether the reasons for a route are known already. */
    boolean knows(JobRoute route);

    /** Keeps a decision that has been made. */
    void conclude(RoutingDecision decision);

    /** Tells of something on the way. */
    void tell(SystemEvent event);
}
