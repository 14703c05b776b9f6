package io.quartermaster.node.app.web;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of what goes in and comes out, as {@link Json} writes and reads it. A record has a schema of its own name. */
final class ApiSchemas {
    private static final String NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:+-]*$";
    private static final Set<Class<?>> NAMES = Set.of(Hotkey.class, ExecutorClass.class, JobId.class, CallId.class);

    private final Map<String, ObjectNode> named = new TreeMap<>();
    private final Map<String, Class<?>> classes = new TreeMap<>();

    /** The schemas that others refer to, by name. */
    Map<String, ObjectNode> named() {
        return named;
    }

    ObjectNode of(Type type) {
        if (type instanceof ParameterizedType generic) {
            return ofGeneric((Class<?>) generic.getRawType(), generic.getActualTypeArguments());
        }
        if (type instanceof WildcardType wildcard) {
            return of(wildcard.getUpperBounds()[0]);
        }
        if (!(type instanceof Class<?> plain)) {
            return node();
        }
        @Nullable ObjectNode simple = simple(plain);
        if (simple != null) {
            return simple;
        }
        if (plain.isEnum()) {
            ObjectNode schema = node().put("type", "string");
            ArrayNode values = schema.putArray("enum");
            Arrays.stream(plain.getEnumConstants()).map(Object::toString).forEach(values::add);
            return schema;
        }
        return plain.isRecord() ? reference(plain) : node();
    }

    private ObjectNode ofGeneric(Class<?> raw, Type[] arguments) {
        if (raw == Optional.class || raw == ResponseEntity.class) {
            return of(arguments[0]);
        }
        if (Collection.class.isAssignableFrom(raw)) {
            ObjectNode schema = node().put("type", "array");
            schema.set("items", of(arguments[0]));
            return schema;
        }
        if (Map.class.isAssignableFrom(raw)) {
            ObjectNode schema = node().put("type", "object");
            schema.set("additionalProperties", of(arguments[1]));
            return schema;
        }
        return of(raw);
    }

    private static @Nullable ObjectNode simple(Class<?> type) {
        if (type == String.class) {
            return node().put("type", "string");
        }
        if (NAMES.contains(type)) {
            return node().put("type", "string").put("pattern", NAME_PATTERN);
        }
        if (type == boolean.class || type == Boolean.class) {
            return node().put("type", "boolean");
        }
        if (type == int.class || type == Integer.class) {
            return node().put("type", "integer").put("format", "int32");
        }
        if (type == long.class || type == Long.class || type == OptionalLong.class || type == ReservationId.class) {
            return node().put("type", "integer").put("format", "int64");
        }
        if (type == OptionalInt.class || type == BigInteger.class) {
            return node().put("type", "integer");
        }
        if (type == double.class || type == Double.class || type == OptionalDouble.class) {
            return node().put("type", "number").put("format", "double");
        }
        if (type == Instant.class) {
            return node().put("type", "string").put("format", "date-time");
        }
        if (type == ProblemDetail.class) {
            return node().put("$ref", "#/components/schemas/Problem");
        }
        return type == Duration.class ? node().put("type", "string").put("format", "duration") : null;
    }

    private ObjectNode reference(Class<?> record) {
        String name = name(record);
        if (!named.containsKey(name)) {
            ObjectNode schema = node().put("type", "object");
            named.put(name, schema);
            ObjectNode properties = schema.putObject("properties");
            ArrayNode required = node().putArray("required");
            for (RecordComponent part : record.getRecordComponents()) {
                properties.set(part.getName(), of(part.getGenericType()));
                if (part.isAnnotationPresent(Needed.class) || !mayBeAbsent(part)) {
                    required.add(part.getName());
                }
            }
            if (!required.isEmpty()) {
                schema.set("required", required);
            }
            schema.put("additionalProperties", false);
        }
        return node().put("$ref", "#/components/schemas/" + name);
    }

    /** Two records of one name are told apart by where they are. */
    private String name(Class<?> record) {
        String plain = record.getSimpleName();
        String whole = record.getDeclaringClass() == null
                ? plain
                : record.getDeclaringClass().getSimpleName() + plain;
        String name = record.getDeclaringClass() == Requests.class
                ? plain + "Request"
                : classes.getOrDefault(plain, record) == record ? plain : whole;
        classes.put(name, record);
        return name;
    }

    private static boolean mayBeAbsent(RecordComponent part) {
        return part.getAnnotatedType().isAnnotationPresent(Nullable.class)
                || Set.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class)
                        .contains(part.getType());
    }

    private static ObjectNode node() {
        return Json.MAPPER.createObjectNode();
    }
}
