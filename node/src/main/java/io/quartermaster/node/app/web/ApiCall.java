package io.quartermaster.node.app.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the description of the API says of a call, and who may make it. A handler without this one may be called with
 * {@link Scope#READ} if it answers to GET, and otherwise with {@link Scope#OPERATE}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface ApiCall {
    /** One sentence; by default the method's name in words. */
    String value() default "";

    /** The scope it needs; by default as the HTTP method has it. */
    Scope[] scope() default {};

    /** Whether anybody may make it, also without a token. */
    boolean open() default false;

    /** What media types it answers with, where that is not JSON that its result describes. */
    String[] produces() default {};
}
