package io.quartermaster.node.app.web;

import io.quartermaster.node.app.web.Tokens.Token;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Lets a call in if its token has the scope that the call needs. What is no call, such as a page, is for everybody. */
final class Access implements HandlerInterceptor {
    private static final String BEARER = "Bearer ";

    private final Optional<TokenGate> gate;

    Access(HttpSettings settings) {
        this.gate = settings.tokens().map(TokenGate::new);
    }

    /** The scope that a call needs, if it needs any. */
    static Optional<Scope> scope(HandlerMethod handler, String httpMethod) {
        @Nullable ApiCall call = handler.getMethodAnnotation(ApiCall.class);
        if (call != null && call.open()) {
            return Optional.empty();
        }
        if (call != null && call.scope().length > 0) {
            return Optional.of(call.scope()[0]);
        }
        boolean looks = httpMethod.equals(HttpMethod.GET.name()) || httpMethod.equals(HttpMethod.HEAD.name());
        return Optional.of(looks ? Scope.READ : Scope.OPERATE);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (gate.isEmpty() || !(handler instanceof HandlerMethod method)) {
            return true;
        }
        Optional<Scope> needed = scope(method, request.getMethod());
        if (needed.isEmpty()) {
            return true;
        }
        Token token = gate.get()
                .token(bearer(request))
                .orElseThrow(() -> new RequestRefused(
                        ProblemType.UNAUTHENTICATED, "The token is not one that counts: it is unknown, or has ended"));
        if (!token.scopes().contains(needed.get())) {
            throw new RequestRefused(
                    ProblemType.FORBIDDEN,
                    "This needs the scope " + needed.get().text() + ", which the token " + token.name() + " lacks");
        }
        return true;
    }

    private static String bearer(HttpServletRequest request) {
        @Nullable String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (given == null || !given.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw new RequestRefused(
                    ProblemType.UNAUTHENTICATED, "This needs a token: send the header Authorization: Bearer TOKEN");
        }
        return given.substring(BEARER.length()).strip();
    }
}
