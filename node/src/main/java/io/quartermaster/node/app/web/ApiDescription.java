package io.quartermaster.node.app.web;

import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes the API (OpenAPI 3.1) from what the controllers answer to: their paths, parameters and records, and {@link ApiCall}.
 * So a controller that is added is described, and none is described that is not there.
 */
@RestController
final class ApiDescription {
    private static final String JSON = MediaType.APPLICATION_JSON_VALUE;
    private static final String PROBLEM = MediaType.APPLICATION_PROBLEM_JSON_VALUE;

    private final ObjectProvider<RequestMappingHandlerMapping> mappings;

    ApiDescription(ObjectProvider<RequestMappingHandlerMapping> mappings) {
        this.mappings = mappings;
    }

    @ApiCall(value = "This description.", open = true, produces = JSON)
    @GetMapping("/v1/openapi.json")
    ObjectNode description() {
        ApiSchemas schemas = new ApiSchemas();
        ObjectNode document = node().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Quartermaster")
                .put("version", "1")
                .put("summary", "Allowance and routing for a compute subnet");
        document.putArray("servers").addObject().put("url", "/");
        ObjectNode paths = document.putObject("paths");
        calls().forEach((path, methods) -> {
            ObjectNode item = paths.putObject(path);
            methods.forEach((method, call) ->
                    item.set(method.name().toLowerCase(Locale.ROOT), operation(path, method, call, schemas)));
        });
        ObjectNode components = document.putObject("components");
        ObjectNode named = components.putObject("schemas");
        schemas.named().forEach(named::set);
        named.set("Problem", problemSchema());
        components.set("responses", problemResponses());
        components
                .putObject("securitySchemes")
                .putObject("token")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "Its scopes are read, route and operate; 'qm token create' makes one.");
        return document;
    }

    /** Who answers, and with which media types if the mapping says so. */
    private record Call(HandlerMethod handler, Set<MediaType> produces) {}

    private Map<String, Map<RequestMethod, Call>> calls() {
        Map<String, Map<RequestMethod, Call>> calls = new TreeMap<>();
        mappings.stream()
                .flatMap(mapping -> mapping.getHandlerMethods().entrySet().stream())
                .filter(call ->
                        !ErrorController.class.isAssignableFrom(call.getValue().getBeanType()))
                .forEach(call -> add(calls, call.getKey(), call.getValue()));
        return calls;
    }

    private static void add(
            Map<String, Map<RequestMethod, Call>> calls, RequestMappingInfo info, HandlerMethod handler) {
        for (String path : info.getPatternValues()) {
            for (RequestMethod method : info.getMethodsCondition().getMethods()) {
                calls.computeIfAbsent(path, key -> new TreeMap<>())
                        .put(
                                method,
                                new Call(handler, info.getProducesCondition().getProducibleMediaTypes()));
            }
        }
    }

    private static ObjectNode operation(String path, RequestMethod method, Call call, ApiSchemas schemas) {
        HandlerMethod handler = call.handler();
        @Nullable ApiCall said = handler.getMethodAnnotation(ApiCall.class);
        ObjectNode operation = node().put("operationId", operationId(method, path))
                .put("summary", said == null || said.value().isEmpty() ? words(handler) : said.value());
        operation.putArray("tags").add(handler.getBeanType().getSimpleName().replaceAll("Controller$", ""));
        ArrayNode parameters = node().putArray("parameters");
        for (Parameter parameter : handler.getMethod().getParameters()) {
            described(parameter, schemas).ifPresent(parameters::add);
            if (parameter.isAnnotationPresent(RequestBody.class)) {
                ObjectNode body = operation.putObject("requestBody").put("required", true);
                body.putObject("content").putObject(JSON).set("schema", schemas.of(parameter.getParameterizedType()));
            }
        }
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
        operation.set("responses", responses(call, schemas));
        Optional<Scope> scope = Access.scope(handler, method.name());
        ArrayNode security = operation.putArray("security");
        scope.ifPresent(needed -> security.addObject().putArray("token").add(needed.text()));
        return operation;
    }

    private static Optional<ObjectNode> described(Parameter parameter, ApiSchemas schemas) {
        @Nullable PathVariable inPath = parameter.getAnnotation(PathVariable.class);
        @Nullable RequestParam inQuery = parameter.getAnnotation(RequestParam.class);
        @Nullable RequestHeader inHeader = parameter.getAnnotation(RequestHeader.class);
        ObjectNode described = node();
        if (inPath != null) {
            described
                    .put("name", named(parameter, inPath.value(), inPath.name()))
                    .put("in", "path");
            described.put("required", true);
        } else if (inQuery != null) {
            boolean hasDefault = !inQuery.defaultValue().equals(ValueConstants.DEFAULT_NONE);
            described
                    .put("name", named(parameter, inQuery.value(), inQuery.name()))
                    .put("in", "query");
            described.put("required", inQuery.required() && !hasDefault && !optional(parameter));
        } else if (inHeader != null) {
            described
                    .put("name", named(parameter, inHeader.value(), inHeader.name()))
                    .put("in", "header");
            described.put("required", inHeader.required() && !optional(parameter));
        } else {
            return Optional.empty();
        }
        ObjectNode schema = schemas.of(parameter.getParameterizedType());
        if (inQuery != null && !inQuery.defaultValue().equals(ValueConstants.DEFAULT_NONE)) {
            schema.put("default", inQuery.defaultValue());
        }
        described.set("schema", schema);
        return Optional.of(described);
    }

    private static boolean optional(Parameter parameter) {
        return parameter.getType() == Optional.class;
    }

    private static String named(Parameter parameter, String value, String name) {
        return !value.isEmpty() ? value : !name.isEmpty() ? name : parameter.getName();
    }

    private static ObjectNode responses(Call call, ApiSchemas schemas) {
        HandlerMethod handler = call.handler();
        ObjectNode responses = node();
        @Nullable ResponseStatus status = handler.getMethodAnnotation(ResponseStatus.class);
        String code = status == null ? "200" : Integer.toString(status.code().value());
        ObjectNode done = responses.putObject(code).put("description", "Done.");
        @Nullable ApiCall said = handler.getMethodAnnotation(ApiCall.class);
        List<String> types = said != null && said.produces().length > 0
                ? List.of(said.produces())
                : call.produces().stream().map(MediaType::toString).sorted().toList();
        if (!types.isEmpty()) {
            ObjectNode content = done.putObject("content");
            types.forEach(content::putObject);
        } else if (handler.getReturnType().getParameterType() != void.class) {
            done.putObject("content")
                    .putObject(JSON)
                    .set("schema", schemas.of(handler.getReturnType().getGenericParameterType()));
        }
        byStatus()
                .keySet()
                .forEach(wrong ->
                        responses.putObject(wrong.toString()).put("$ref", "#/components/responses/Problem" + wrong));
        return responses;
    }

    private static Map<Integer, List<ProblemType>> byStatus() {
        return Arrays.stream(ProblemType.values())
                .collect(Collectors.groupingBy(ProblemType::status, TreeMap::new, Collectors.toList()));
    }

    private static ObjectNode problemResponses() {
        ObjectNode responses = node();
        byStatus().forEach((status, types) -> {
            ObjectNode response = responses.putObject("Problem" + status);
            response.put(
                    "description",
                    types.stream()
                            .sorted(Comparator.comparing(ProblemType::title))
                            .map(type -> type.title() + ": " + type.meaning())
                            .collect(Collectors.joining(" ")));
            response.putObject("content")
                    .putObject(PROBLEM)
                    .putObject("schema")
                    .put("$ref", "#/components/schemas/Problem");
        });
        return responses;
    }

    private static ObjectNode problemSchema() {
        ObjectNode schema = node().put("type", "object");
        schema.put("description", "A problem as RFC 9457 has it; some types have more fields.");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode types = properties.putObject("type").put("type", "string").putArray("enum");
        Arrays.stream(ProblemType.values()).forEach(type -> types.add(type.uri().toString()));
        properties.putObject("title").put("type", "string");
        properties.putObject("status").put("type", "integer");
        properties.putObject("detail").put("type", "string");
        schema.putArray("required").add("type").add("title").add("status");
        return schema;
    }

    private static String operationId(RequestMethod method, String path) {
        return (method.name().toLowerCase(Locale.ROOT) + path)
                .replaceAll("[^A-Za-z0-9]+", "-")
                .replaceAll("-$", "");
    }

    private static String words(HandlerMethod handler) {
        String words =
                handler.getMethod().getName().replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
    }

    private static ObjectNode node() {
        return Json.MAPPER.createObjectNode();
    }
}
