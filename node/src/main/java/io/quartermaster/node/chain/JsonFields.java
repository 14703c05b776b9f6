package io.quartermaster.node.chain;

import io.quartermaster.api.InvalidArgument;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object whose fields must be of certain types. A field that is missing or of another type is an
 * {@link InvalidArgument} that names it.
 */
record JsonFields(JsonNode object, String path) {

    static JsonFields of(JsonNode node, String path) {
        if (!node.isObject()) {
            throw new InvalidArgument(path.isEmpty() ? "line" : path, node, "an object");
        }
        return new JsonFields(node, path);
    }

    String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return object.has(key);
    }

    JsonNode node(String key) {
        JsonNode node = object.get(key);
        if (node == null) {
            throw new InvalidArgument(name(key), name(key) + " is missing");
        }
        return node;
    }

    long number(String key) {
        return number(name(key), node(key), Long.MAX_VALUE);
    }

    int number(String key, int most) {
        return (int) number(name(key), node(key), most);
    }

    static long number(String name, JsonNode node, long most) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0 || node.longValue() > most) {
            String expected = most == Long.MAX_VALUE ? "at least 0" : "from 0 to " + most;
            throw new InvalidArgument(name, shown(node), "a whole number " + expected);
        }
        return node.longValue();
    }

    double real(String key) {
        JsonNode node = node(key);
        if (!node.isNumber()) {
            throw new InvalidArgument(name(key), shown(node), "a number");
        }
        return node.doubleValue();
    }

    boolean flag(String key) {
        JsonNode node = node(key);
        if (!node.isBoolean()) {
            throw new InvalidArgument(name(key), shown(node), "true or false");
        }
        return node.booleanValue();
    }

    String text(String key) {
        return text(name(key), node(key));
    }

    Optional<String> textIfAny(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    static String text(String name, JsonNode node) {
        if (!node.isString()) {
            throw new InvalidArgument(name, shown(node), "a string");
        }
        return node.stringValue();
    }

    JsonFields fields(String key) {
        return of(node(key), name(key));
    }

    JsonNode list(String key) {
        JsonNode node = node(key);
        if (!node.isArray()) {
            throw new InvalidArgument(name(key), shown(node), "a list");
        }
        return node;
    }

    /** A string's own characters, so that messages quote it once. */
    private static Object shown(JsonNode node) {
        return node.isString() ? node.stringValue() : node;
    }
}
