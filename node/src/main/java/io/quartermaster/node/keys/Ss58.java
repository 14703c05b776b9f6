package io.quartermaster.node.keys;

import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * Addresses of accounts: a public key of 32 bytes with the network's number before it and two bytes of a checksum after it, in
 * base 58. Only the number that Bittensor uses is known here.
 *
 * @see <a href="https://docs.polkadot.com/reference/parachains/accounts/">The format</a>
 */
public final class Ss58 {
    /** How many bytes a public key has. */
    public static final int KEY_BYTES = 32;

    private static final byte NETWORK = 42;
    private static final int CHECKSUM_BYTES = 2;
    private static final byte[] PREFIX = {'S', 'S', '5', '8', 'P', 'R', 'E'};
    private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final int BASE = DIGITS.length();

    private Ss58() {}

    /**
     * The address of a public key.
     *
     * @param publicKey 32 bytes
     * @return the address
     * @throws InvalidArgument if it has another length
     */
    public static String address(byte[] publicKey) {
        if (publicKey.length != KEY_BYTES) {
            throw new InvalidArgument("public key", publicKey.length + " bytes", KEY_BYTES + " bytes");
        }
        byte[] plain = new byte[1 + KEY_BYTES + CHECKSUM_BYTES];
        plain[0] = NETWORK;
        System.arraycopy(publicKey, 0, plain, 1, KEY_BYTES);
        System.arraycopy(checksum(plain), 0, plain, 1 + KEY_BYTES, CHECKSUM_BYTES);
        return inBase58(plain);
    }

    /** The first byte is not 0, so there are no leading zeros to keep. */
    private static String inBase58(byte[] number) {
        byte[] digits = new byte[2 * number.length];
        int count = 0;
        for (byte next : number) {
            int carry = Byte.toUnsignedInt(next);
            for (int i = 0; i < count || carry > 0; i++) {
                carry += digits[i] << 8;
                digits[i] = (byte) (carry % BASE);
                carry /= BASE;
                count = Math.max(count, i + 1);
            }
        }
        StringBuilder text = new StringBuilder(count);
        for (int i = count - 1; i >= 0; i--) {
            text.append(DIGITS.charAt(digits[i]));
        }
        return text.toString();
    }

    /**
     * The public key of an address.
     *
     * @param address such as {@code 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY}
     * @return 32 bytes
     * @throws InvalidArgument if it is not an address, of another network, or mistyped
     */
    public static byte[] publicKey(String address) {
        BigInteger number = BigInteger.ZERO;
        for (int i = 0; i < address.length(); i++) {
            int value = DIGITS.indexOf(address.charAt(i));
            boolean leadingZero = value == 0 && number.signum() == 0;
            if (value < 0 || leadingZero || address.length() > 2 * KEY_BYTES) {
                throw broken(address);
            }
            number = number.multiply(BigInteger.valueOf(BASE)).add(BigInteger.valueOf(value));
        }
        byte[] plain = number.toByteArray();
        int length = 1 + KEY_BYTES + CHECKSUM_BYTES;
        byte[] checksum = Arrays.copyOfRange(plain, Math.max(0, plain.length - CHECKSUM_BYTES), plain.length);
        if (plain.length != length || plain[0] != NETWORK || !Arrays.equals(checksum, checksum(plain))) {
            throw broken(address);
        }
        return Arrays.copyOfRange(plain, 1, 1 + KEY_BYTES);
    }

    private static byte[] checksum(byte[] plain) {
        byte[] hash = Hashes.blake2b(64, PREFIX, Arrays.copyOf(plain, 1 + KEY_BYTES));
        return Arrays.copyOf(hash, CHECKSUM_BYTES);
    }

    private static InvalidArgument broken(String address) {
        return new InvalidArgument(
                "address", address, "an SS58 address of network 42, which begins with 5, without typos");
    }
}
