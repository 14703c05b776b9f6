package io.quartermaster.node.app.web;

import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with requests that are so wrong that the server lets no controller see them. */
final class ProblemValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemType type = ProblemType.ofStatus(status);
        response.setStatus(type.status());
        response.setContentType("application/problem+json");
        response.setCharacterEncoding("UTF-8");
        try {
            Writer out = response.getReporter();
            if (out != null) {
                out.write(Json.MAPPER.writeValueAsString(Problems.problem(type, type.meaning())));
                response.finishResponse();
            }
        } catch (IOException e) {
            // Whoever asked has gone.
            container.getLogger().debug("An error could not be told", e);
        }
    }
}
