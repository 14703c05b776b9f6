package io.quartermaster.node.chain.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and handshakes are those of RFC 6455, and its examples are read and written as it has them. */
class WebSocketTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String AGREED = String.join(
            "\r\n",
            "HTTP/1.1 101 Switching Protocols",
            "upgrade: WebSocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "\r\n");

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    private static Optional<WebSocketFrame> take(ByteBuffer in) throws ProtocolException {
        return WebSocketFrame.take(in, 1_000);
    }

    @Test
    void aTextIsRead() throws Exception {
        ByteBuffer in = bytes("810548656c6c6f8a00");

        assertThat(take(in))
                .contains(new WebSocketFrame(
                        true, WebSocketFrame.TEXT, ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8))));
        assertThat(take(in)).contains(new WebSocketFrame(true, WebSocketFrame.PONG, ByteBuffer.allocate(0)));
        assertThat(take(in)).isEmpty();
    }

    @Test
    void aFrameThatIsNotAllThereYetIsLeft() throws Exception {
        String whole = "817e0100" + "61".repeat(256);
        for (int length = 0; length < whole.length() / 2; length++) {
            ByteBuffer in = bytes(whole.substring(0, 2 * length));

            assertThat(take(in)).isEmpty();
            assertThat(in.position()).isZero();
        }
        assertThat(take(bytes(whole)).orElseThrow().payload().remaining()).isEqualTo(256);
    }

    @Test
    void partsOfAMessageSayWhetherItEndsWithThem() throws Exception {
        ByteBuffer in = bytes("010348656c80026c6f");

        assertThat(take(in).orElseThrow().last()).isFalse();
        assertThat(take(in)).hasValueSatisfying(frame -> {
            assertThat(frame.last()).isTrue();
            assertThat(frame.opcode()).isEqualTo(WebSocketFrame.CONTINUATION);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "818537fa213d7f9f4d5158",
                "c10548656c6c6f",
                "817e03e9",
                "817fffffffffffffffff",
                "817f0000000100000000"
            })
    void whatNoServerSendsOrIsTooLongIsRefusedAtOnce(String hex) {
        assertThatThrownBy(() -> take(bytes(hex))).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aClientsFramesAreMasked() {
        ByteBuffer hello = ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8));

        assertThat(WebSocketFrame.ofClient(
                        WebSocketFrame.TEXT, hello, HexFormat.of().parseHex("37fa213d")))
                .isEqualTo(bytes("818537fa213d7f9f4d5158"));
        ByteBuffer longer = WebSocketFrame.ofClient(WebSocketFrame.TEXT, ByteBuffer.allocate(300), new byte[4]);
        assertThat(longer.remaining()).isEqualTo(308);
        assertThat(longer.getInt()).isEqualTo(0x81fe012c);
    }

    @Test
    void anAgreementIsTaken() {
        assertThat(WebSocketHandshake.headLength(AGREED + "\u0081")).isEqualTo(AGREED.length());
        assertThat(WebSocketHandshake.headLength(AGREED.substring(0, AGREED.length() - 1)))
                .isNegative();
        assertThatCode(() -> WebSocketHandshake.check(AGREED, KEY)).doesNotThrowAnyException();
    }

    @Test
    void anythingElseIsNoAgreement() {
        for (String head : new String[] {
            "",
            "\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            AGREED.replace("101", "1011"),
            AGREED.replace("s3pP", "s3pp"),
            AGREED.replace("upgrade: WebSocket", "upgrade: h2c"),
            AGREED.replace("Sec-WebSocket-Accept", "Accept")
        }) {
            assertThatThrownBy(() -> WebSocketHandshake.check(head, KEY)).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void theHostIsNamedAsInAnAddressOfTheWeb() {
        assertThat(WebSocketHandshake.request("203.0.113.11", 8091, "/v0.1/x", KEY))
                .startsWith("GET /v0.1/x HTTP/1.1\r\nHost: 203.0.113.11:8091\r\n")
                .contains("Sec-WebSocket-Key: " + KEY + "\r\n")
                .endsWith("\r\n\r\n");
        assertThat(WebSocketHandshake.request("2001:db8:0:0:0:0:0:1", 8093, "/", KEY))
                .contains("Host: [2001:db8:0:0:0:0:0:1]:8093\r\n");
    }

    @Test
    void longTextsCanBeSent() {
        ByteBuffer frame = WebSocketFrame.ofClient(
                WebSocketFrame.TEXT, ByteBuffer.allocate(70_000), new byte[WebSocketFrame.MASK_BYTES]);

        assertThat(HexFormat.of().formatHex(frame.array(), 0, 10)).isEqualTo("81ff0000000000011170");
        assertThat(frame.remaining()).isEqualTo(14 + 70_000);
    }
}
