package io.quartermaster.ops.metrics;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of metrics is strict, so that a test that reads them says something. */
class PrometheusTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "no_newline 1",
                "# HELP a b\n# TYPE a gauge\na 1\na 1\n",
                "# HELP a b\n# TYPE a gauge\na{x=\"1} 1\n",
                "# HELP a b\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
                "# HELP a b\n# TYPE a counter\na 1\n",
                "# HELP a b\n# TYPE a gauge\na one\n",
                "a 1\n",
                "# HELP a b\n# TYPE a gauge\na 1\n# HELP c d\n# TYPE c gauge\nc 1\na{x=\"1\"} 1\n",
                "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
                "# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 1\n"
            })
    void whatIsNotByTheRulesIsRefused(String text) {
        assertThatThrownBy(() -> PrometheusText.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
