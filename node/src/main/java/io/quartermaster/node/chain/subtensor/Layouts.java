package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.keys.Ss58;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What subtensor stores and answers, as far as a validator needs it. The layouts are fixed, without the chain's metadata: they
 * have not changed between the versions 293 and 425 of its runtime. If they do, what is read does not end where it should, and is
 * refused as a whole.
 */
final class Layouts {
    private static final int ACCOUNT_BYTES = 32;
    private static final int EVM_ADDRESS_BYTES = 20;
    private static final int MOST_RAW_BYTES = 128;
    private static final int TAG_HASHES = 130;
    private static final int TAG_TIMELOCKED = 134;
    private static final int TAG_RESET_BONDS = 135;
    private static final int TAG_BIG_RAW = 136;
    private static final int IPV4_BITS = 32;
    private static final Pattern ZEROS = Pattern.compile("(?<=^|:)0(:0)+(?=:|$)");

    private Layouts() {}

    /**
     * Where a neuron says that it can be reached.
     *
     * @param address an IP address; 0.0.0.0 if it says nothing
     * @param port a port
     * @param ipVersion 4 or 6
     */
    record Axon(String address, int port, int ipVersion) {}

    /**
     * A neuron.
     *
     * @param hotkey its key
     * @param coldkey its owner's key
     * @param uid its number in the subnet
     * @param axon where it is
     * @param validatorPermit whether it may set weights
     */
    record NeuronLite(Hotkey hotkey, Hotkey coldkey, int uid, Axon axon, boolean validatorPermit) {}

    /**
     * A subnet's state, by uid.
     *
     * @param netuid which subnet
     * @param hotkeys the neurons' keys
     * @param validatorPermit which may set weights
     * @param totalStake the effective stakes, in rao
     */
    record SubnetState(int netuid, List<Hotkey> hotkeys, List<Boolean> validatorPermit, List<Long> totalStake) {}

    /**
     * What a neuron has published in words.
     *
     * @param block when
     * @param words the first of its fields that holds bytes, as UTF-8; empty if none does
     */
    record Commitment(long block, String words) {}

    /**
     * The key with which a validator's shielded addresses are encrypted.
     *
     * @param publicKey up to 64 bytes, in hexadecimal
     * @param algorithm 1 for Ed25519
     */
    record Certificate(String publicKey, int algorithm) {}

    /**
     * The address of a neuron in the chain's EVM.
     *
     * @param address 20 bytes in hexadecimal, after 0x
     * @param block when it was associated
     */
    record EvmAssociation(String address, long block) {}

    static Hotkey account(ScaleReader in) throws UnknownLayout {
        return new Hotkey(Ss58.address(in.bytes(ACCOUNT_BYTES)));
    }

    static Axon axon(ScaleReader in) throws UnknownLayout {
        in.u64(); // block
        in.u32(); // version
        BigInteger ip = in.u128();
        int port = in.u16();
        in.u8(); // what kind of address it says this is; others go by the address itself, too
        in.u8(); // protocol
        in.u8(); // not used
        in.u8(); // not used
        boolean ipv4 = ip.bitLength() <= IPV4_BITS;
        return new Axon(text(ip, ipv4 ? 4 : 16), port, ipv4 ? 4 : 6);
    }

    private static String text(BigInteger ip, int length) {
        byte[] bytes = new byte[length];
        byte[] value = ip.toByteArray();
        int given = Math.min(value.length, length);
        System.arraycopy(value, value.length - given, bytes, length - given, given);
        try {
            return shortened(InetAddress.getByAddress(bytes).getHostAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address has 4 or 16 bytes", e);
        }
    }

    /**
     * As everybody else writes it, Pylon for one: without the longest run of zeros.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc5952#section-4.2">RFC 5952, section 4.2</a>
     */
    static String shortened(String address) {
        String longest = "";
        Matcher zeros = ZEROS.matcher(address);
        while (zeros.find()) {
            longest = zeros.group().length() > longest.length() ? zeros.group() : longest;
        }
        if (longest.isEmpty()) {
            return address;
        }
        int begin = (":" + address + ":").indexOf(":" + longest + ":");
        return address.substring(0, Math.max(0, begin - 1))
                + "::"
                + address.substring(Math.min(address.length(), begin + longest.length() + 1));
    }

    private static void prometheus(ScaleReader in) throws UnknownLayout {
        in.u64(); // block
        in.u32(); // version
        in.u128(); // ip
        in.u16(); // port
        in.u8(); // kind of address
    }

    static List<NeuronLite> neuronsLite(ScaleReader in) throws UnknownLayout {
        return in.list(Layouts::neuronLite);
    }

    private static NeuronLite neuronLite(ScaleReader in) throws UnknownLayout {
        Hotkey hotkey = account(in);
        Hotkey coldkey = account(in);
        int uid = in.compact16();
        in.compact16(); // netuid
        in.bool(); // active
        Axon axon = axon(in);
        prometheus(in);
        in.list(stake -> {
            stake.bytes(ACCOUNT_BYTES);
            return stake.compact();
        });
        in.compact16(); // rank
        in.compact(); // emission
        in.compact16(); // incentive
        in.compact16(); // consensus
        in.compact16(); // trust
        in.compact16(); // validator trust
        in.compact16(); // dividends
        in.compact(); // last update
        boolean validatorPermit = in.bool();
        in.compact16(); // pruning score
        return new NeuronLite(hotkey, coldkey, uid, axon, validatorPermit);
    }

    static Optional<SubnetState> subnetState(ScaleReader in) throws UnknownLayout {
        return in.option(Layouts::presentState);
    }

    private static SubnetState presentState(ScaleReader in) throws UnknownLayout {
        int netuid = in.compact16();
        List<Hotkey> hotkeys = in.list(Layouts::account);
        in.list(coldkey -> coldkey.bytes(ACCOUNT_BYTES)); // not made into addresses, which takes a while
        in.list(ScaleReader::bool); // active
        List<Boolean> validatorPermit = in.list(ScaleReader::bool);
        in.list(ScaleReader::compact16); // pruning score; empty in newer versions
        in.list(ScaleReader::compact); // last update
        in.list(ScaleReader::compact); // emission
        in.list(ScaleReader::compact16); // dividends
        in.list(ScaleReader::compact16); // incentives
        in.list(ScaleReader::compact16); // consensus
        in.list(ScaleReader::compact16); // trust; empty in newer versions
        in.list(ScaleReader::compact16); // rank; empty in newer versions
        in.list(ScaleReader::compact); // block at registration
        in.list(ScaleReader::compact); // alpha stake
        in.list(ScaleReader::compact); // tao stake
        List<Long> totalStake = in.list(ScaleReader::compact);
        in.list(history -> history.list(ScaleReader::compact)); // emission history
        if (validatorPermit.size() != hotkeys.size() || totalStake.size() != hotkeys.size()) {
            throw new UnknownLayout("A subnet of " + hotkeys.size() + " neurons with " + validatorPermit.size()
                    + " permits and " + totalStake.size() + " stakes");
        }
        return new SubnetState(netuid, hotkeys, validatorPermit, totalStake);
    }

    static Commitment commitment(ScaleReader in) throws UnknownLayout {
        in.u64(); // deposit
        long block = in.u32();
        byte[] data = {};
        for (byte[] field : in.list(Layouts::field)) {
            data = data.length == 0 ? field : data;
        }
        return new Commitment(block, new String(data, StandardCharsets.UTF_8));
    }

    /** Empty if the field holds no bytes that are meant to be read. */
    private static byte[] field(ScaleReader in) throws UnknownLayout {
        int tag = in.u8();
        if (tag >= 1 && tag <= MOST_RAW_BYTES + 1) {
            return in.bytes(tag - 1);
        }
        if (tag == TAG_BIG_RAW) {
            return in.byteList();
        }
        if (tag >= TAG_HASHES && tag < TAG_TIMELOCKED) {
            in.bytes(ACCOUNT_BYTES);
        } else if (tag == TAG_TIMELOCKED) {
            in.byteList();
            in.u64();
        } else if (tag != 0 && tag != TAG_RESET_BONDS) {
            throw new UnknownLayout("A commitment's field of the unknown kind " + tag);
        }
        return new byte[0];
    }

    static Certificate certificate(ScaleReader in) throws UnknownLayout {
        return new Certificate(HexFormat.of().formatHex(in.byteList()), in.u8());
    }

    static EvmAssociation evmAssociation(ScaleReader in) throws UnknownLayout {
        return new EvmAssociation("0x" + HexFormat.of().formatHex(in.bytes(EVM_ADDRESS_BYTES)), in.u64());
    }
}
