package io.quartermaster.node.chain.shields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.InvalidArgument;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What miners encrypt. */
class ShieldedAddressTest {
    @ParameterizedTest
    @CsvSource({
        "validator-a.shield.example.com:9001, validator-a.shield.example.com, 9001",
        "203.0.113.77:8443,                   203.0.113.77,                   8443",
        "' localhost:1\n',                    localhost,                      1",
        "a_b.example.com:65535,               a_b.example.com,                65535",
        "[2001:db8::1]:8443,                  2001:db8::1,                    8443",
        "2001:db8::1:8443,                    2001:db8::1,                    8443",
        "example.com:9001:,                   example.com,                    9001",
        "example.com:9001:x,                  example.com,                    9001"
    })
    void aHostAndAPortAreRead(String text, String host, int port) {
        assertThat(ShieldedAddress.parse(text)).hasValue(new ShieldedAddress(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "example.com",
                "example.com:",
                ":9001",
                "example.com:0",
                "example.com:65536",
                "example.com:-1",
                "example.com:+1",
                "example.com:99999999999",
                "example.com:port",
                "http://example.com:9001",
                "user@example.com:9001",
                "exam ple.com:9001",
                "example..com:9001",
                "-example.com:9001",
                "127.1:9001",
                "2130706433:9001",
                "256.1.1.1:9001",
                "[example.com]:9001",
                "[::g]:9001",
                "[fe80::1%eth0]:9001",
                ":::::9001",
                "b\u00fccher.example:9001"
            })
    void whatIsNoHostAndPortIsNot(String text) {
        assertThat(ShieldedAddress.parse(text)).isEmpty();
    }

    @Property
    void anyTextIsReadOrNot(
            @ForAll @StringLength(max = 40) @CharRange(from = '.', to = ':') @Chars({'[', ']', 'a'}) String text) {
        assertThat(ShieldedAddress.parse(text))
                .satisfiesAnyOf(
                        address -> assertThat(address).isEmpty(),
                        address ->
                                assertThat(text).contains(address.orElseThrow().host()));
    }

    @Test
    void anAddressThatCantBeIsRefused() {
        assertThatThrownBy(() -> new ShieldedAddress("a b", 1)).isInstanceOf(InvalidArgument.class);
        assertThatThrownBy(() -> new ShieldedAddress("a".repeat(300), 1)).isInstanceOf(InvalidArgument.class);
        assertThatThrownBy(() -> new ShieldedAddress("a", 0)).hasMessageContaining("port is 0");
    }
}
