package io.quartermaster.ops;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.CannotReserveAllowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.Refused;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.ReservationNotFound;
import io.quartermaster.node.app.web.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A script of commands on the books: {@code find}, {@code reserve}, {@code undo} and {@code spend}, one JSON object a line.
 * The whole script is checked before its first command runs.
 */
final class ReplayScript {
    private final Allowance allowance;
    private final Map<JobId, ReservationId> reservations = new HashMap<>();

    ReplayScript(Allowance allowance) {
        this.allowance = allowance;
    }

    /** A checked command. */
    sealed interface Step {
        record Find(double seconds, ExecutorClass executorClass, long at) implements Step {}

        record Reserve(Hotkey miner, ExecutorClass executorClass, double seconds, long at, JobId job) implements Step {}

        record Undo(JobId job) implements Step {}

        record Spend(JobId job) implements Step {}
    }

    static List<Step> read(Path script) {
        List<String> lines;
        try {
            lines = Files.readAllLines(script);
        } catch (NoSuchFileException e) {
            throw new InvalidArgument("script", script, "a file that is there");
        } catch (MalformedInputException e) {
            throw new InvalidArgument("script", script, "a text file in UTF-8");
        } catch (IOException e) {
            throw new InvalidArgument("script", script, "a file that can be read (" + e.getMessage() + ")");
        }
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                String where = script + ":" + (i + 1) + ": ";
                try {
                    steps.add(step(lines.get(i)));
                } catch (InvalidArgument e) {
                    throw new InvalidArgument(e.field(), where + e.getMessage());
                } catch (JacksonException e) {
                    throw new InvalidArgument("script", where + "not JSON: " + e.getOriginalMessage());
                }
            }
        }
        return steps;
    }

    private static Step step(String line) {
        JsonNode object = Json.MAPPER.readTree(line);
        if (!object.isObject() || object.size() != 1) {
            throw new InvalidArgument("command", line, "an object with one verb: find, reserve, undo or spend");
        }
        String verb = object.propertyNames().iterator().next();
        JsonNode with = object.get(verb);
        return switch (verb) {
            case "find" ->
                new Step.Find(number(with, "seconds"), new ExecutorClass(string(with, "class")), whole(with, "at"));
            case "reserve" ->
                new Step.Reserve(
                        new Hotkey(string(with, "miner")),
                        new ExecutorClass(string(with, "class")),
                        number(with, "seconds"),
                        whole(with, "at"),
                        new JobId(string(with, "job")));
            case "undo" -> new Step.Undo(new JobId(string(with, "job")));
            case "spend" -> new Step.Spend(new JobId(string(with, "job")));
            default -> throw new InvalidArgument("verb", verb, "one of find, reserve, undo, spend");
        };
    }

    private static String string(JsonNode with, String field) {
        return required(
                with, field, "a string", node -> node.isString() ? Optional.of(node.asString()) : Optional.empty());
    }

    private static double number(JsonNode with, String field) {
        return required(
                with, field, "a number", node -> node.isNumber() ? Optional.of(node.asDouble()) : Optional.empty());
    }

    private static long whole(JsonNode with, String field) {
        return required(
                with,
                field,
                "a whole number",
                node -> node.isIntegralNumber() && node.canConvertToLong()
                        ? Optional.of(node.asLong())
                        : Optional.empty());
    }

    private static <T> T required(JsonNode with, String field, String expected, Function<JsonNode, Optional<T>> read) {
        JsonNode node = with.path(field);
        if (node.isMissingNode()) {
            throw new InvalidArgument(field, field + " is missing: it must be " + expected);
        }
        return read.apply(node).orElseThrow(() -> new InvalidArgument(field, node.toString(), expected));
    }

    void run(List<Step> steps, PrintWriter out) {
        for (Step step : steps) {
            out.println(Json.MAPPER.writeValueAsString(answer(step)));
        }
        out.flush();
    }

    private Map<String, ?> answer(Step step) {
        try {
            return done(step);
        } catch (CannotReserveAllowance cannot) {
            return error(cannot, Map.of("required", cannot.requiredSeconds(), "available", cannot.availableSeconds()));
        } catch (NotEnoughAllowance notEnough) {
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("highest_available", notEnough.highestAvailableSeconds());
            numbers.put(
                    "highest_available_miner",
                    notEnough.highestAvailableMiner().map(Hotkey::value).orElse(""));
            numbers.put("highest_unspent", notEnough.highestUnspentSeconds());
            numbers.put(
                    "highest_unspent_miner",
                    notEnough.highestUnspentMiner().map(Hotkey::value).orElse(""));
            return error(notEnough, numbers);
        } catch (Refused refused) {
            return error(refused, Map.of());
        } catch (InvalidArgument invalid) {
            return error(invalid, Map.of("field", invalid.field(), "message", String.valueOf(invalid.getMessage())));
        }
    }

    private Map<String, ?> done(Step step) {
        if (step instanceof Step.Find find) {
            List<List<Object>> miners = new ArrayList<>();
            for (MinerAllowance miner :
                    allowance.findMinersWithAllowance(find.seconds(), find.executorClass(), find.at())) {
                miners.add(List.of(miner.miner(), miner.availableSeconds()));
            }
            return Map.of("miners", miners);
        }
        if (step instanceof Step.Reserve reserve) {
            Reservation made = allowance.reserveAllowance(
                    reserve.miner(), reserve.executorClass(), reserve.seconds(), reserve.at(), reserve.job());
            reservations.put(reserve.job(), made.id());
            return Map.of("blocks", made.blocks());
        }
        if (step instanceof Step.Undo undo) {
            allowance.undoAllowanceReservation(reservation(undo.job()));
        } else if (step instanceof Step.Spend spend) {
            allowance.spendAllowance(reservation(spend.job()));
        }
        return Map.of("ok", true);
    }

    private ReservationId reservation(JobId job) {
        ReservationId known = reservations.get(job);
        if (known == null) {
            // No grid gives out an id without a miner's number: this one is never found.
            throw new ReservationNotFound(new ReservationId(1));
        }
        return known;
    }

    private static Map<String, Object> error(RuntimeException error, Map<String, ?> numbers) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("error", error.getClass().getSimpleName());
        answer.putAll(numbers);
        return answer;
    }
}
