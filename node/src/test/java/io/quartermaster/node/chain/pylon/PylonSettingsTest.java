package io.quartermaster.node.chain.pylon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.InvalidArgument;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PylonSettingsTest {
    private static final URI ADDRESS = URI.create("http://pylon:8000");

    @Test
    void theTokenIsNeverShown() {
        PylonSettings settings = PylonSettings.ofIdentity(ADDRESS, "validator", "s3cret", 12);

        assertThat(settings.toString())
                .contains("pylon:8000", "validator", "12")
                .doesNotContain("s3cret");
        assertThatThrownBy(() -> PylonSettings.ofIdentity(ADDRESS, "validator", "s3 cret", 12))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("without white space")
                .hasMessageNotContaining("cret");
        assertThatThrownBy(() -> PylonSettings.ofOpenAccess(URI.create("http://me:s3cret@pylon"), Optional.empty(), 12))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void slashesAtTheEndOfTheAddressDoNotMatter() {
        assertThat(PylonSettings.ofOpenAccess(URI.create("https://pylon.example/sn12//"), Optional.empty(), 12)
                        .address())
                .isEqualTo(URI.create("https://pylon.example/sn12"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ws://pylon:8000", "pylon:8000", "/pylon", "http:///", "http://pylon?a=b", "http://pylon#a"})
    void anAddressThatIsNoneIsRefused(String address) {
        assertThatThrownBy(() -> PylonSettings.ofOpenAccess(URI.create(address), Optional.empty(), 12))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("address")
                .hasMessageContaining("http://pylon:8000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../x", "a b"})
    void anIdentityThatIsNoNameIsRefused(String identity) {
        assertThatThrownBy(() -> PylonSettings.ofIdentity(ADDRESS, identity, "token", 12))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageStartingWith("identity is ");
    }

    @Test
    void numbersAndTimesAreChecked() {
        assertThatThrownBy(() -> PylonSettings.ofOpenAccess(ADDRESS, Optional.empty(), 65_536))
                .hasMessage("netuid is 65536: must be from 0 to 65535");
        assertThatThrownBy(() -> new PylonSettings(ADDRESS, Optional.empty(), Optional.empty(), 12, Duration.ZERO))
                .hasMessageStartingWith("patience is PT0S");
        assertThatThrownBy(() -> new PylonSettings(
                        ADDRESS, Optional.of("validator"), Optional.empty(), 12, Duration.ofSeconds(1)))
                .hasMessage("token is missing: the identity validator needs its own");
    }
}
