package io.quartermaster.node.chain.pylon;

import io.quartermaster.api.InvalidArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A part of an answer that must be of a certain type. One that is missing or of another type is an {@link InvalidArgument} that
 * names it.
 *
 * @param node the part
 * @param name how it is called in messages, such as {@code block.number}; empty for the whole answer
 */
record Part(JsonNode node, String name) {

    Part field(String key) {
        JsonNode field = object().get(key);
        String path = name.isEmpty() ? key : name + "." + key;
        if (field == null) {
            throw new InvalidArgument(path, path + " is missing");
        }
        return new Part(field, path);
    }

    /** The fields of an object whose keys are chosen by who answers. */
    Set<Map.Entry<String, JsonNode>> fields() {
        return object().properties();
    }

    private JsonNode object() {
        return required(node.isObject(), "an object");
    }

    List<Part> elements() {
        List<Part> elements = new ArrayList<>();
        for (JsonNode element : required(node.isArray(), "a list")) {
            elements.add(new Part(element, name + "[" + elements.size() + "]"));
        }
        return elements;
    }

    long whole(long most) {
        boolean whole = node.isIntegralNumber() && node.canConvertToLong();
        boolean inRange = whole && node.longValue() >= 0 && node.longValue() <= most;
        return required(inRange, "a whole number from 0 to " + most).longValue();
    }

    double amount() {
        boolean amount = node.isNumber() && node.doubleValue() >= 0 && !Double.isInfinite(node.doubleValue());
        return required(amount, "a number, finite and at least 0").doubleValue();
    }

    boolean flag() {
        return required(node.isBoolean(), "true or false").booleanValue();
    }

    String text() {
        return required(node.isString(), "a string").stringValue();
    }

    private JsonNode required(boolean right, String expected) {
        if (!right) {
            throw wrong(expected);
        }
        return node;
    }

    InvalidArgument wrong(String expected) {
        // The characters alone, so that the message quotes them once.
        Object shown = node.isString() ? node.stringValue() : node;
        return new InvalidArgument(name.isEmpty() ? "answer" : name, shown, expected);
    }
}
