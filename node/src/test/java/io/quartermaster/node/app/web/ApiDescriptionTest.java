package io.quartermaster.node.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.Refused;
import io.quartermaster.node.Quartermaster;
import io.quartermaster.node.app.web.Api.Answer;
import io.quartermaster.node.app.web.Api.Operation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The description of the API against the controllers and against what they answer. */
@SuppressWarnings("NullAway.Init") // set before all tests
class ApiDescriptionTest {
    private static Quartermaster grid;
    private static ReplicaHttp http;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        grid = Quartermaster.simulated();
        http = ReplicaHttp.start(grid.replica(), 0);
        api = new Api(http.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        grid.close();
    }

    @Test
    void everyCallOfEveryControllerIsDescribedWithItsParametersAndNoOther() throws Exception {
        Set<String> written = new TreeSet<>();
        for (Method handler : handlers()) {
            RequestMapping mapping =
                    Objects.requireNonNull(AnnotatedElementUtils.findMergedAnnotation(handler, RequestMapping.class));
            @Nullable
            RequestMapping ofClass =
                    AnnotatedElementUtils.findMergedAnnotation(handler.getDeclaringClass(), RequestMapping.class);
            String prefix = ofClass == null ? "" : ofClass.path()[0];
            String path = prefix + (mapping.path().length == 0 ? "" : mapping.path()[0]);
            int parameters = 0;
            boolean body = false;
            for (Parameter parameter : handler.getParameters()) {
                parameters += parameter.isAnnotationPresent(PathVariable.class)
                                || parameter.isAnnotationPresent(RequestParam.class)
                                || parameter.isAnnotationPresent(RequestHeader.class)
                        ? 1
                        : 0;
                body |= parameter.isAnnotationPresent(RequestBody.class);
            }
            written.add(mapping.method()[0] + " " + path + " " + parameters + " parameters, body " + body);
        }
        Set<String> described = new TreeSet<>();
        for (Operation operation : api.operations()) {
            described.add(
                    operation + " " + operation.description().path("parameters").size() + " parameters, body "
                            + operation.description().has("requestBody"));
        }
        assertThat(described).isEqualTo(written).hasSizeGreaterThan(30);
    }

    @Test
    void everyCallSaysWhoMayMakeIt() {
        Set<String> open = new TreeSet<>();
        for (Operation operation : api.operations()) {
            JsonNode security = operation.description().get("security");
            if (security.isEmpty()) {
                open.add(operation.toString());
                continue;
            }
            String scope = security.get(0).get("token").get(0).asString();
            assertThat(Scope.named(scope)).isNotNull();
            assertThat(operation.method().equals("GET")
                            || !scope.equals("read")
                            || operation.path().endsWith("dry-run"))
                    .as(operation.toString())
                    .isTrue();
        }
        assertThat(open)
                .containsExactly(
                        "GET /",
                        "GET /livez",
                        "GET /page/{name}",
                        "GET /readyz",
                        "GET /receipts/{page}.jsonl",
                        "GET /v1/openapi.json");
    }

    @Test
    void whatIsAnsweredIsWhatIsDescribed() throws Exception {
        api.post(
                "/v1/routes",
                "{\"job\":\"described\",\"executorClass\":\"always_on.test\",\"executionTimeLimitSeconds\":5}");
        api.post(
                "/v1/incidents",
                "{\"type\":\"MINER_JOB_FAILED\",\"miner\":\"5Miner\",\"job\":\"described\",\"executorClass\":\"always_on.test\"}");
        String miner = grid.allowance().manifests().get(0).miner().value();
        for (Operation operation : api.operations()) {
            if (!operation.method().equals("GET") || operation.endless()) {
                continue;
            }
            String path = operation
                    .path()
                    .replace("{job}", "described")
                    .replace("{miner}", miner)
                    .replace("{name}", "index.html")
                    .replace("{page}", "1");
            List<String> query = new ArrayList<>();
            for (JsonNode parameter : operation.description().path("parameters")) {
                if (parameter.get("in").asString().equals("query")
                        && parameter.get("required").asBoolean()) {
                    String name = parameter.get("name").asString();
                    query.add(name + "="
                            + switch (name) {
                                case "executorClass" -> "always_on.test";
                                case "miner" -> miner;
                                default -> "1";
                            });
                }
            }
            Answer answer =
                    api.answer(api.request(path + (query.isEmpty() ? "" : "?" + String.join("&", query))), false);
            assertThat(api.undescribed(operation, answer))
                    .as(operation.toString())
                    .isEmpty();
        }
    }

    @Test
    void aFieldThatIsSaidToBeNeededIsMissed() throws Exception {
        int needed = 0;
        for (Operation operation : api.operations()) {
            if (!operation.description().has("requestBody")) {
                continue;
            }
            JsonNode schema = operation.description().at("/requestBody/content/application~1json/schema");
            if (!schema.has("$ref")) {
                continue;
            }
            JsonNode fields = api.description().at(schema.get("$ref").asString().substring(1));
            Answer answer = api.answer(
                    api.request(operation.path().replaceAll("\\{[^}]*}", "1"))
                            .header("Content-Type", "application/json")
                            .method(operation.method(), BodyPublishers.ofString("{}")),
                    false);
            if (fields.has("required")) {
                assertThat(answer.status()).as(operation.toString()).isEqualTo(400);
                assertThat(answer.body()).as(operation.toString()).contains("\"field\"");
                List<String> names = new ArrayList<>();
                fields.get("required").forEach(name -> names.add(name.asString()));
                assertThat(names)
                        .contains(
                                Json.MAPPER.readTree(answer.body()).get("field").asString());
                needed++;
            }
        }
        assertThat(needed).isGreaterThan(5);
    }

    @Test
    void everyProblemIsDocumentedAndEveryRefusalHasItsOwn() throws Exception {
        String document = Files.readString(Path.of("..", "ops", "docs", "http.md"));
        for (ProblemType type : ProblemType.values()) {
            assertThat(document).contains("| `" + type.uri() + "` | " + type.status() + " | " + type.meaning() + " |");
        }
        for (Class<?> refusal : Refused.class.getPermittedSubclasses()) {
            assertThat(ProblemType.of(refusal.asSubclass(Refused.class)).title())
                    .isEqualTo(refusal.getSimpleName());
        }
    }

    private static List<Method> handlers() throws ClassNotFoundException {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
        List<Method> handlers = new ArrayList<>();
        for (var bean : scan.findCandidateComponents(ApiDescriptionTest.class.getPackageName())) {
            Class<?> controller = Class.forName(bean.getBeanClassName());
            if (!ErrorController.class.isAssignableFrom(controller)) {
                Arrays.stream(controller.getDeclaredMethods())
                        .filter(method -> AnnotatedElementUtils.hasAnnotation(method, RequestMapping.class))
                        .forEach(handlers::add);
            }
        }
        return handlers;
    }
}
