package io.quartermaster.node.app.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.json.ProblemDetailJacksonMixin;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** How values look in JSON: names as strings, reservation ids as numbers, instants in ISO 8601, what is absent left out. */
public final class Json {
    /** The one mapper. Refuses properties that it does not know, so that a misspelt one is not silently ignored. */
    public static final JsonMapper MAPPER = builder().build();

    private Json() {}

    static JsonMapper.Builder builder() {
        SimpleModule values = new SimpleModule("quartermaster-values");
        values.addSerializer(Hotkey.class, ToStringSerializer.instance);
        values.addSerializer(ExecutorClass.class, ToStringSerializer.instance);
        values.addSerializer(JobId.class, ToStringSerializer.instance);
        values.addSerializer(CallId.class, ToStringSerializer.instance);
        values.addSerializer(ReservationId.class, new ReservationIdSerializer());
        return JsonMapper.builder()
                .addModule(values)
                // What a problem has besides is beside its title, and not in a map of its own.
                .addMixIn(ProblemDetail.class, ProblemDetailJacksonMixin.class)
                .changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static final class ReservationIdSerializer extends StdSerializer<ReservationId> {
        ReservationIdSerializer() {
            super(ReservationId.class);
        }

        @Override
        public void serialize(ReservationId id, JsonGenerator out, SerializationContext context) {
            out.writeNumber(id.value());
        }
    }
}
