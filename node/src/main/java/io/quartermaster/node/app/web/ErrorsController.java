package io.quartermaster.node.app.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where the server sends what failed outside of a controller. */
@RestController
final class ErrorsController implements ErrorController {
    @ApiCall(open = true)
    @RequestMapping("/error")
    void error(HttpServletRequest request, HttpServletResponse response) {
        if (response.isCommitted()) {
            // Half of an answer has gone out: there is nobody left to tell.
            return;
        }
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        ProblemType type = ProblemType.ofStatus(status instanceof Integer code ? code : 404);
        throw new RequestRefused(type, type.meaning());
    }
}
