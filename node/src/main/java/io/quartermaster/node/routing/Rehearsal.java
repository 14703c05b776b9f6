package io.quartermaster.node.routing;

import io.quartermaster.api.JobRoute;
import io.quartermaster.api.Refused;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.node.events.SystemEvent;
import java.util.Optional;
import java.util.function.Consumer;

/** One decision that is made to see what would come of it. It takes nothing, and leaves no trace. For one thread. */
final class Rehearsal implements Purpose {
    private final SlotBooking booking;
    private Optional<RoutingDecision> decision = Optional.empty();

    private Rehearsal(SlotBooking booking) {
        this.booking = booking.rehearsal();
    }

    /** Decides, and answers with the decision, whether it places the job or not. */
    static RoutingDecision of(SlotBooking booking, Consumer<Purpose> route) {
        Rehearsal rehearsal = new Rehearsal(booking);
        try {
            route.accept(rehearsal);
        } catch (Refused refusal) {
            return rehearsal.decision.orElseThrow(() -> refusal);
        }
        return rehearsal.decision.orElseThrow();
    }

    @Override
    public SlotBooking booking() {
        return booking;
    }

    @Override
    public boolean knows(JobRoute route) {
        return false;
    }

    @Override
    public void conclude(RoutingDecision made) {
        decision = Optional.of(made);
    }

    @Override
    public void tell(SystemEvent event) {
        // Nothing has happened.
    }
}
