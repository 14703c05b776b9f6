package io.quartermaster.node.chain.shields;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.keys.Ecies;
import io.quartermaster.node.keys.ShieldCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where manifests are looked for, what may be in them, and what is done with what was found. */
class ShieldedAddressesTest {
    private static final Hotkey VALIDATOR = new Hotkey("validator");
    private static final Hotkey MINER = new Hotkey("miner");
    private static final String AXON_URL = "http://203.0.113.7:8091/shield_manifest.json";
    private static final ShieldedAddress SHIELD = new ShieldedAddress("a.shield.example.com", 9001);

    @TempDir
    private Path directory;

    private ShieldCertificate certificate;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        certificate = ShieldCertificate.readOrCreate(directory.resolve("validator_cert.pem"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static boolean anywhere(InetAddress address) {
        return true;
    }

    private void serve(String path, int status, String location, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().add("Location", location);
                exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
    }

    private String url(String host, String path) {
        return "http://" + host + ":" + server.getAddress().getPort() + path;
    }

    private String encrypted(String plain) {
        return Base64.getEncoder()
                .encodeToString(Ecies.encrypt(certificate.publicKey(), plain.getBytes(StandardCharsets.UTF_8)));
    }

    private String manifest() {
        return "{\"ddos_shield_manifest\":{\"encrypted_url_mapping\":{\"validator\":\""
                + encrypted(SHIELD.host() + ":" + SHIELD.port()) + "\"}}}";
    }

    private static Neuron neuron(String address, int port) {
        return new Neuron(0, MINER, new Miner(MINER, address, port, 4, Optional.empty()));
    }

    private Neuron here() {
        return neuron("127.0.0.1", server.getAddress().getPort());
    }

    private Optional<ShieldedAddress> found(Neuron neuron, String commitment, Predicate<InetAddress> mayBeAsked)
            throws Exception {
        return Optional.ofNullable(new ShieldedAddresses(VALIDATOR, certificate, Duration.ofSeconds(20), mayBeAsked)
                .find(List.of(neuron), Map.of(MINER, commitment))
                .get(30, TimeUnit.SECONDS)
                .get(MINER));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<D:https://b.example.com/m.json>               | https://b.example.com/m.json",
                "<<CHM:payload>><D:http://b.example/m>--tail    | http://b.example/m",
                "<M:A3;S2><D:http://first.example/><D:http://x> | http://first.example/",
                "http://b.example/m<M:A3>                       | http://b.example/m",
                "https://b.example/m                            | https://b.example/m",
                "http://b.example/<D:https://c.example/>        | https://c.example/",
                "http://b.example/<D:unfinished                 | http://b.example/"
            })
    void theUrlInACommitmentIsAskedBeforeTheAxon(String commitment, String url) {
        assertThat(ManifestUrls.of(neuron("203.0.113.7", 8091).miner(), commitment))
                .containsExactly(URI.create(url), URI.create(AXON_URL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<M:A3;S2>",
                "<D:>",
                "<D:ftp://b.example/m>",
                "<D:file:///etc/passwd>",
                "<D:http:///m>",
                "<D:b.example/m>",
                "<D:http://b .example>",
                "{\"contract\":{}}"
            })
    void withoutAUsableUrlOnlyTheAxonIsAsked(String commitment) {
        assertThat(ManifestUrls.of(neuron("203.0.113.7", 8091).miner(), commitment))
                .containsExactly(URI.create(AXON_URL));
        assertThat(ManifestUrls.of(neuron("2001:db8::7", 8091).miner(), commitment))
                .containsExactly(URI.create("http://[2001:db8::7]:8091/shield_manifest.json"));
        assertThat(ManifestUrls.of(neuron("0.0.0.0", 0).miner(), commitment)).isEmpty();
    }

    @Test
    void aCommitmentThatLeadsNowhereLeavesTheAxon() throws Exception {
        serve("/shield_manifest.json", 200, "", manifest());
        serve("/gone", 403, "", "");

        assertThat(found(here(), "<D:" + url("127.0.0.1", "/gone") + ">", ShieldedAddressesTest::anywhere))
                .hasValue(SHIELD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'ddos_shield_manifest':{'encrypted_url_mapping':{'validator':'OK'},'md5_hash':'00'}}              | true",
                "{'more':1,'ddos_shield_manifest':{'encrypted_url_mapping':{'x':7,'validator':'OK'},'more':[]}}     | true",
                "{'ddos_shield_manifest':{'encrypted_url_mapping':{'other':'OK'}}}                                  | false",
                "{'ddos_shield_manifest':{'encrypted_url_mapping':{'validator':null}}}                              | false",
                "{'ddos_shield_manifest':{'encrypted_url_mapping':{'validator':['OK']}}}                            | false",
                "{'ddos_shield_manifest':{'encrypted_url_mapping':'OK'}}                                            | false",
                "{'ddos_shield_manifest':{'encrypted_url_mapping':{'validator':'=='}}}                              | false",
                "{'ddos_shield_manifest':{}}                                                                        | false",
                "{'encrypted_url_mapping':{'validator':'OK'}}                                                       | false",
                "['OK']                                                                                             | false",
                "''                                                                                                 | false",
                "<html>                                                                                             | false"
            },
            quoteCharacter = '"')
    void aManifestIsReadLeniently(String shape, boolean shielded) throws Exception {
        String text = shape.replace("''", "").replace('\'', '"').replace("OK", encrypted("a.shield.example.com:9001"));
        serve("/shield_manifest.json", 200, "", text);

        assertThat(found(here(), "", ShieldedAddressesTest::anywhere))
                .isEqualTo(shielded ? Optional.of(SHIELD) : Optional.empty());
    }

    @Test
    void aManifestThatIsTooLongIsNotRead() throws Exception {
        serve("/shield_manifest.json", 200, "", manifest() + " ".repeat(300 * 1024));

        assertThat(found(here(), "", ShieldedAddressesTest::anywhere)).isEmpty();
    }

    @Test
    void aRedirectIsFollowedToWhereMayBeAskedOnly() throws Exception {
        serve("/shield_manifest.json", 302, url("localhost", "/bucket"), "");
        serve("/bucket", 200, "", manifest());
        serve("/relative", 307, "/bucket", "");
        serve("/file", 302, "file:///etc/hostname", "");

        assertThat(found(here(), "", ShieldedAddressesTest::anywhere)).hasValue(SHIELD);
        assertThat(found(here(), "<D:" + url("127.0.0.1", "/relative") + ">", ShieldedAddressesTest::anywhere))
                .hasValue(SHIELD);
        assertThat(found(
                        neuron("0.0.0.0", 0), "<D:" + url("127.0.0.1", "/file") + ">", ShieldedAddressesTest::anywhere))
                .isEmpty();
        assertThat(found(here(), "", address -> !"localhost".equals(address.getHostName())))
                .isEmpty();
    }

    @Test
    void whatIsNotOnTheInternetIsNotAsked() throws Exception {
        server.createContext("/", exchange -> {
            throw new AssertionError("asked");
        });
        Predicate<InetAddress> internet = ShieldedAddresses::onTheInternet;

        assertThat(found(here(), "<D:" + url("localhost", "/m") + ">", internet))
                .isEmpty();
        assertThat(found(here(), "<D:" + url("[::ffff:127.0.0.1]", "/m") + ">", internet))
                .isEmpty();
        assertThat(found(here(), "<D:" + url("2130706433", "/m") + ">", internet))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, true",
        "2a00:1450::1, true",
        "100.128.0.1, true",
        "127.0.0.2, false",
        "::1, false",
        "::ffff:127.0.0.1, false",
        "0.0.0.0, false",
        "0.1.2.3, false",
        "10.1.2.3, false",
        "172.16.0.1, false",
        "192.168.1.1, false",
        "100.64.0.1, false",
        "169.254.169.254, false",
        "224.0.0.1, false",
        "255.255.255.255, false",
        "fe80::1, false",
        "fd00:ec2::254, false"
    })
    void theInternetIsWhatEverybodyMayAsk(String address, boolean expected) throws Exception {
        assertThat(ShieldedAddresses.onTheInternet(InetAddress.getByName(address)))
                .isEqualTo(expected);
    }

    @Test
    void aShieldStandsBeforeItsMinerAloneWithItsOwnPort() {
        Neuron shielded = neuron("203.0.113.7", 8091);
        Hotkey other = new Hotkey("other");
        Neuron open = new Neuron(1, other, new Miner(other, "203.0.113.8", 8092, 4, Optional.empty()));

        assertThat(ShieldedAddresses.shielded(List.of(shielded, open), Map.of(MINER, SHIELD)))
                .containsExactly(
                        new Neuron(
                                0,
                                MINER,
                                new Miner(MINER, "203.0.113.7", 9001, 4, Optional.of("a.shield.example.com"))),
                        open);
    }
}
