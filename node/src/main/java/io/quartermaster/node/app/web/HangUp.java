package io.quartermaster.node.app.web;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Lets whoever answers a request close its connection at once, with what was written and not yet taken. To complete the request, as
 * the servlet API has it, waits for a client that takes nothing, and keeps all of that until then.
 */
final class HangUp extends ValveBase {
    private static final String ATTRIBUTE = HangUp.class.getName();

    HangUp() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        Runnable close = () -> response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
        request.setAttribute(ATTRIBUTE, close);
        getNext().invoke(request, response);
    }

    /** What closes the connection of a request. It must not be used once the request is over: the connection may have another. */
    static Runnable of(ServletRequest request) {
        return (Runnable) request.getAttribute(ATTRIBUTE);
    }
}
