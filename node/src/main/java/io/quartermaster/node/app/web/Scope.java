package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import java.util.Arrays;
import java.util.Locale;

/** What a bearer token allows. None of them includes another: a token has as many as it needs. */
public enum Scope {
    /** To look at everything. */
    READ,
    /** To book allowance, route jobs and report incidents. */
    ROUTE,
    /** To change how the grid works, and to copy all that it keeps. */
    OPERATE;

    /**
     * A scope by its name.
     *
     * @param name the name, in lower case
     * @return the scope
     * @throws InvalidArgument if there is none of that name
     */
    public static Scope named(String name) {
        return Arrays.stream(values())
                .filter(scope -> scope.text().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidArgument("scope", name, "read, route or operate"));
    }

    /**
     * The scope's name as people and files write it.
     *
     * @return in lower case
     */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
