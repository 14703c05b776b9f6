package io.quartermaster.node.chain.pylon;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.keys.Ss58;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What the answers of Pylon's API, version 1, say. An answer is taken as a whole or is an {@link InvalidArgument} that names the
 * field. Fields that nobody here needs are not looked at: newer services have more of them. Pure.
 *
 * @see <a href="https://github.com/bittensor-church/bittensor-pylon">Pylon, with the models of its answers</a>
 */
final class PylonAnswers {
    private static final int MOST_UIDS = 65_535;
    private static final int MOST_PORTS = 65_535;
    private static final Pattern HASH = Pattern.compile("0x[0-9a-fA-F]{64}");
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

    /** With a colon, and beginning like this, nothing is looked up in the DNS, whether it is an address or not. */
    private static final Pattern LIKE_IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private PylonAnswers() {}

    /** A neuron, and what makes a validator of it. */
    private record Entry(Neuron neuron, boolean validatorPermit, double stake) {
        private Validator validator() {
            return new Validator(neuron.hotkey(), neuron.uid(), stake);
        }
    }

    static AtBlock<Registered> registered(JsonNode answer) {
        Part root = new Part(answer, "");
        Part neurons = root.field("neurons");
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : neurons.fields()) {
            String key = address("a key of neurons", field.getKey());
            Part part = new Part(field.getValue(), neurons.name() + "." + key);
            Entry entry = entry(part);
            if (!entry.neuron().hotkey().value().equals(key)) {
                throw part.field("hotkey").wrong("the key that it stands under");
            }
            entries.add(entry);
        }
        if (entries.isEmpty()) {
            throw new InvalidArgument("neurons", "neurons is empty: is there such a subnet?");
        }
        requireUniqueUids(entries);
        List<Neuron> byUid = entries.stream()
                .map(Entry::neuron)
                .sorted(Comparator.comparingInt(Neuron::uid))
                .toList();
        return at(
                root,
                new Registered(
                        byUid,
                        validators(
                                entries.stream().filter(Entry::validatorPermit).toList())));
    }

    static AtBlock<List<Validator>> validators(JsonNode answer) {
        Part root = new Part(answer, "");
        Map<Hotkey, Entry> entries = new LinkedHashMap<>();
        for (Part part : root.field("validators").elements()) {
            Entry entry = entry(part);
            if (!entry.validatorPermit()) {
                throw part.field("validator_permit").wrong("true");
            }
            if (entries.put(entry.neuron().hotkey(), entry) != null) {
                throw part.field("hotkey").wrong("there once");
            }
        }
        List<Entry> all = List.copyOf(entries.values());
        requireUniqueUids(all);
        return at(root, validators(all));
    }

    private static List<Validator> validators(List<Entry> permitted) {
        return permitted.stream()
                .map(Entry::validator)
                .sorted(Comparator.comparingDouble(Validator::stake).reversed().thenComparingInt(Validator::uid))
                .toList();
    }

    static AtBlock<Map<Hotkey, String>> commitments(JsonNode answer) {
        Part root = new Part(answer, "");
        Map<Hotkey, String> words = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : root.field("commitments").fields()) {
            String key = address("a key of commitments", field.getKey());
            words.put(new Hotkey(key), words(new Part(field.getValue(), "commitments." + key)));
        }
        return at(root, Map.copyOf(words));
    }

    /** Some services write 0x before the digits, others don't. */
    private static String words(Part part) {
        String digits = part.text();
        try {
            byte[] data = HexFormat.of().parseHex(digits, digits.startsWith("0x") ? 2 : 0, digits.length());
            return new String(data, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw part.wrong("an even number of hexadecimal digits");
        }
    }

    /** The subnet of an identity that has logged in. */
    static int loginNetuid(JsonNode answer) {
        return netuid(new Part(answer, "").field("netuid"));
    }

    /** The subnet of an identity, of a list of all identities; empty if it is not there. */
    static Optional<Integer> listedNetuid(JsonNode answer, String identity) {
        Part identities = new Part(answer, "").field("identities");
        boolean listed =
                identities.fields().stream().anyMatch(field -> field.getKey().equals(identity));
        return listed ? Optional.of(netuid(identities.field(identity))) : Optional.empty();
    }

    private static int netuid(Part part) {
        return (int) part.whole(65_535);
    }

    private static <T> AtBlock<T> at(Part root, T value) {
        Part block = root.field("block");
        Part hash = block.field("hash");
        if (!HASH.matcher(hash.text()).matches()) {
            throw hash.wrong("0x and 64 hexadecimal digits");
        }
        return new AtBlock<>(
                block.field("number").whole(Long.MAX_VALUE), hash.text().toLowerCase(Locale.ROOT), value);
    }

    private static Entry entry(Part part) {
        Hotkey hotkey = key(part.field("hotkey"));
        Part axon = part.field("axon_info");
        Part ip = axon.field("ip");
        Neuron neuron = new Neuron(
                (int) part.field("uid").whole(MOST_UIDS),
                key(part.field("coldkey")),
                new Miner(
                        hotkey,
                        canonical(ip),
                        (int) axon.field("port").whole(MOST_PORTS),
                        ip.text().contains(":") ? 6 : 4,
                        Optional.empty()));
        Part stakes = part.field("stakes");
        return new Entry(
                neuron,
                part.field("validator_permit").flag(),
                stakes.field("total").amount());
    }

    private static Hotkey key(Part part) {
        return new Hotkey(address(part.name(), part.text()));
    }

    private static String address(String name, String text) {
        if (!isAddress(text)) {
            throw new InvalidArgument(name, text, "an SS58 address that begins with 5, without typos");
        }
        return text;
    }

    private static boolean isAddress(String text) {
        try {
            // In base 58 a 1 in front changes nothing of the key, but it would be another name for it.
            return text.startsWith("5") && Ss58.publicKey(text).length == Ss58.KEY_BYTES;
        } catch (InvalidArgument e) {
            return false;
        }
    }

    /** In the form that it has when it is read from a node, so that the source of a neuron makes no difference. */
    private static String canonical(Part ip) {
        String text = ip.text();
        if (IPV4.matcher(text).matches() || LIKE_IPV6.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text).getHostAddress();
            } catch (UnknownHostException e) {
                // Falls through: it looks like an address and is none.
            }
        }
        throw ip.wrong("an IP address in digits");
    }

    private static void requireUniqueUids(List<Entry> entries) {
        Map<Integer, Hotkey> owners = new LinkedHashMap<>();
        for (Entry entry : entries) {
            Hotkey other = owners.put(entry.neuron().uid(), entry.neuron().hotkey());
            if (other != null) {
                throw new InvalidArgument(
                        "uid of " + entry.neuron().hotkey(), entry.neuron().uid(), "another one than that of " + other);
            }
        }
    }
}
