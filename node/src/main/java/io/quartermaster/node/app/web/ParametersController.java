package io.quartermaster.node.app.web;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.params.ParameterChange;
import java.util.Arrays;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The dynamic parameters of the whole grid. */
@RestController
@RequestMapping("/v1")
final class ParametersController {
    private final Replica replica;

    ParametersController(Replica replica) {
        this.replica = replica;
    }

    /** A parameter as it is, and what it may be. */
    record ParameterReport(
            String name, String value, String defaultValue, String type, String expected, String description) {}

    @ApiCall("The dynamic parameters, and what they may be.")
    @GetMapping("/parameters")
    List<ParameterReport> parameters() {
        DynamicParameters current = replica.parameters().current();
        return Arrays.stream(Parameter.values())
                .map(parameter -> new ParameterReport(
                        parameter.key(),
                        current.text(parameter),
                        parameter.defaultText(),
                        parameter.type(),
                        parameter.expected(),
                        parameter.description()))
                .toList();
    }

    @ApiCall("Who changed which parameter, newest first.")
    @GetMapping("/parameters/history")
    List<ParameterChange> parameterHistory() {
        return replica.parameters().history();
    }

    @ApiCall("Sets parameters: all of them, or none.")
    @PatchMapping("/parameters")
    List<ParameterChange> setParameters(@RequestBody Requests.Parameters body) {
        return replica.parameters().set(body.newValues(), body.byWhom(), body.whatFor());
    }
}
