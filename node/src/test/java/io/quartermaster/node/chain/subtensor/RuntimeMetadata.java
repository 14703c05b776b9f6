package io.quartermaster.node.chain.subtensor;

import io.quartermaster.node.keys.Hashes;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a runtime says of itself: its types, and where it uses them. With it any answer can be read as JSON, in the form that
 * polkadot.js has made usual: keys as SS58, bytes in hexadecimal, numbers above 2^53 too, padded to the width of their type.
 *
 * @see <a href="https://docs.rs/frame-metadata/latest/frame_metadata/">The layouts of versions 14 and 15</a>
 */
final class RuntimeMetadata {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern NEXT_WORD = Pattern.compile("_(.)");
    private static final int NAME_BYTES = 32;
    private static final int SAFE_BITS = 53;
    private static final int MAGIC = 0x6174656d;
    private static final int PLAIN = 0;
    private static final int MAP = 1;
    private static final int BOOL = 0;
    private static final int STRING = 2;
    private static final int U8 = 3;
    private static final int U16 = 4;
    private static final int U32 = 5;
    private static final int U128 = 7;
    private static final int I8 = 9;

    /** How long the hash is that stands before a part of a key, and whether the part itself follows: numbered as in metadata. */
    private enum Hasher {
        BLAKE2_128(16, false),
        BLAKE2_256(32, false),
        BLAKE2_128_CONCAT(16, true),
        TWOX_128(16, false),
        TWOX_256(32, false),
        TWOX_64_CONCAT(8, true),
        IDENTITY(0, true);

        private final int bytes;
        private final boolean concat;

        Hasher(int bytes, boolean concat) {
            this.bytes = bytes;
            this.concat = concat;
        }
    }

    /** A type: how its values are read, its number if it is primitive, the types that it is made of if it is a tuple or struct. */
    private record Type(String name, int primitive, List<Integer> parts, ScaleReader.Part<JsonNode> reader) {}

    private record Field(Optional<String> name, int type) {}

    private record Variant(String name, List<Field> fields) {}

    /** A place in storage. */
    record Entry(
            String name, boolean optional, List<Integer> hashers, List<Integer> keys, int value, String byDefault) {}

    private record Method(List<Integer> inputs, int output) {}

    private final Map<Integer, Type> types = new HashMap<>();
    private final Map<String, Entry> entries = new TreeMap<>();
    private final Map<String, Method> methods = new TreeMap<>();
    private final List<Integer> extrinsic = new ArrayList<>();

    private RuntimeMetadata() {}

    static RuntimeMetadata read(ScaleReader in) throws UnknownLayout {
        return in.whole(RuntimeMetadata::metadata);
    }

    private static RuntimeMetadata metadata(ScaleReader in) throws UnknownLayout {
        RuntimeMetadata metadata = new RuntimeMetadata();
        if (in.u32() != MAGIC) {
            throw new UnknownLayout("Metadata begins otherwise");
        }
        int version = in.u8();
        in.list(one -> metadata.types.put((int) one.compact(), metadata.type(one)));
        in.list(one -> metadata.pallet(one, version));
        if (version == 14) {
            in.compact(); // an extrinsic's type
            in.u8(); // its version
        } else {
            in.u8(); // its version
            for (int part = 0; part < 4; part++) {
                metadata.extrinsic.add(id(in)); // address, call, signature, what else is signed
            }
        }
        in.list(one -> text(one) + id(one) + id(one)); // checks of extrinsics
        in.compact(); // the runtime's own type
        if (version > 14) {
            in.list(metadata::api);
            for (int all = 0; all < 3; all++) {
                in.compact(); // calls, events, errors
            }
            in.list(one -> text(one) + id(one) + one.byteList().length); // what else there is
        }
        return metadata;
    }

    // Descriptions

    private static String text(ScaleReader in) throws UnknownLayout {
        return new String(in.byteList(), StandardCharsets.UTF_8);
    }

    private static int id(ScaleReader in) throws UnknownLayout {
        return (int) in.compact();
    }

    private static void words(ScaleReader in) throws UnknownLayout {
        in.list(RuntimeMetadata::text);
    }

    private Type type(ScaleReader in) throws UnknownLayout {
        List<String> path = in.list(RuntimeMetadata::text);
        String name = path.isEmpty() ? "" : path.get(path.size() - 1);
        in.list(parameter -> text(parameter) + parameter.option(RuntimeMetadata::id));
        int kind = in.u8();
        Type type = switch (kind) {
            case 0 -> composite(name, in.list(RuntimeMetadata::field));
            case 1 -> variants(name, in);
            case 2 -> sequence(id(in));
            case 3 -> array((int) in.u32(), id(in));
            case 4 -> composite(name, in.list(part -> new Field(Optional.empty(), id(part))));
            case 5 -> primitive(in.u8());
            case 6 -> compact(id(in));
            default -> throw new UnknownLayout("A type of the unknown kind " + kind);
        };
        words(in);
        return type;
    }

    private static Field field(ScaleReader in) throws UnknownLayout {
        Field field = new Field(in.option(RuntimeMetadata::text), id(in));
        in.option(RuntimeMetadata::text); // the type as it is written
        words(in);
        return field;
    }

    private Type composite(String name, List<Field> fields) {
        List<Integer> parts = fields.stream().map(Field::type).toList();
        ScaleReader.Part<JsonNode> reader = "AccountId32".equals(name)
                ? in -> JSON.stringNode(Layouts.account(in).value())
                : in -> fields(fields, in);
        return new Type(name, -1, parts, reader);
    }

    private JsonNode fields(List<Field> fields, ScaleReader in) throws UnknownLayout {
        if (fields.isEmpty()) {
            return JSON.nullNode();
        }
        if (fields.get(0).name().isPresent()) {
            ObjectNode object = JSON.objectNode();
            for (Field field : fields) {
                object.set(camelCase(field.name().orElseThrow()), value(field.type(), in));
            }
            return object;
        }
        if (fields.size() == 1) {
            return value(fields.get(0).type(), in);
        }
        ArrayNode array = JSON.arrayNode();
        for (Field field : fields) {
            array.add(value(field.type(), in));
        }
        return array;
    }

    private Type variants(String name, ScaleReader in) throws UnknownLayout {
        Map<Integer, Variant> variants = new HashMap<>();
        in.list(one -> {
            String variant = text(one);
            List<Field> fields = one.list(RuntimeMetadata::field);
            variants.put(one.u8(), new Variant(variant, fields));
            words(one);
            return variant;
        });
        ScaleReader.Part<JsonNode> reader = "Option".equals(name)
                ? value -> value.option(some -> fields(variant(variants, 1).fields(), some))
                        .orElse(JSON.nullNode())
                : value -> {
                    Variant found = variant(variants, value.u8());
                    return found.fields().isEmpty()
                            ? JSON.stringNode(found.name())
                            : JSON.objectNode().set(camelCase(found.name()), fields(found.fields(), value));
                };
        return new Type(name, -1, List.of(), reader);
    }

    private static Variant variant(Map<Integer, Variant> variants, int index) throws UnknownLayout {
        Variant found = variants.get(index);
        if (found == null) {
            throw new UnknownLayout("There is no variant " + index);
        }
        return found;
    }

    private Type sequence(int of) {
        return new Type(
                "",
                -1,
                List.of(),
                in -> known(of).primitive() == U8 ? hex(in.byteList()) : array(in.list(one -> value(of, one))));
    }

    private Type array(int length, int of) {
        return new Type("", -1, List.of(), in -> {
            if (known(of).primitive() == U8) {
                return hex(in.bytes(length));
            }
            List<JsonNode> values = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                values.add(value(of, in));
            }
            return array(values);
        });
    }

    private static Type primitive(int kind) {
        return new Type("", kind, List.of(), in -> switch (kind) {
            case BOOL -> JSON.booleanNode(in.bool());
            case STRING -> JSON.stringNode(text(in));
            case U8 -> JSON.numberNode(in.u8());
            case U16 -> JSON.numberNode(in.u16());
            case U32 -> number(BigInteger.valueOf(in.u32()), 32);
            case U128 -> number(in.u128(), 128);
            default -> number(littleEndian(in.bytes(bits(kind) / 8), kind >= I8), bits(kind));
        });
    }

    private static int bits(int primitive) {
        return 8 << (primitive - (primitive >= I8 ? I8 : U8));
    }

    private Type compact(int of) {
        return new Type("", -1, List.of(), in -> {
            Type known = known(of);
            while (known.primitive() < 0) {
                known = known(known.parts().get(0)); // a number under another name
            }
            return known.primitive() <= U32
                    ? number(BigInteger.valueOf(in.compact()), bits(known.primitive()))
                    : number(wideCompact(in), bits(known.primitive()));
        });
    }

    /** Of hyperparameters, unlike amounts and times, some use all 64 bits. */
    private static BigInteger wideCompact(ScaleReader in) throws UnknownLayout {
        int first = in.u8();
        int mode = first & 3;
        return mode == 3
                ? littleEndian(in.bytes((first >> 2) + 4), false)
                : littleEndian(in.bytes((1 << mode) - 1), false)
                        .shiftLeft(8)
                        .or(BigInteger.valueOf(first))
                        .shiftRight(2);
    }

    private String pallet(ScaleReader in, int version) throws UnknownLayout {
        String pallet = text(in);
        in.option(storage -> {
            String prefix = text(storage);
            return storage.list(one -> entry(pallet, prefix, one));
        });
        in.option(RuntimeMetadata::id); // calls
        in.option(RuntimeMetadata::id); // events
        in.list(constant -> {
            String name = text(constant) + id(constant) + constant.byteList().length;
            words(constant);
            return name;
        });
        in.option(RuntimeMetadata::id); // errors
        in.u8(); // its number
        if (version > 14) {
            words(in);
        }
        return pallet;
    }

    private Entry entry(String pallet, String prefix, ScaleReader in) throws UnknownLayout {
        String name = text(in);
        boolean optional = in.u8() == 0;
        int kind = in.u8();
        if (kind != PLAIN && kind != MAP) {
            throw new UnknownLayout("An entry of the unknown kind " + kind);
        }
        List<Integer> hashers = kind == MAP ? in.list(ScaleReader::u8) : List.of();
        int key = kind == MAP ? id(in) : -1;
        List<Integer> keys = hashers.size() > 1 ? known(key).parts() : kind == MAP ? List.of(key) : List.of();
        Entry entry = new Entry(
                lowerFirst(pallet) + "." + lowerFirst(name),
                optional,
                hashers,
                keys,
                id(in),
                hex(in.byteList()).asString());
        words(in);
        entries.put(
                HexFormat.of().formatHex(Hashes.twox(16, prefix.getBytes(StandardCharsets.US_ASCII)))
                        + HexFormat.of().formatHex(Hashes.twox(16, name.getBytes(StandardCharsets.US_ASCII))),
                entry);
        return entry;
    }

    private String api(ScaleReader in) throws UnknownLayout {
        String api = text(in);
        in.list(method -> {
            String name = api + "_" + text(method);
            List<Integer> inputs = method.list(input -> {
                text(input);
                return id(input);
            });
            methods.put(name, new Method(inputs, id(method)));
            words(method);
            return name;
        });
        words(in);
        return api;
    }

    // Values

    private Type known(int id) {
        return Objects.requireNonNull(types.get(id), () -> "There is no type " + id);
    }

    private JsonNode value(int type, ScaleReader in) throws UnknownLayout {
        return known(type).reader().read(in);
    }

    private JsonNode tuple(List<Integer> parts, ScaleReader in) throws UnknownLayout {
        ArrayNode array = JSON.arrayNode();
        for (int part : parts) {
            array.add(value(part, in));
        }
        return array;
    }

    private static JsonNode array(List<JsonNode> values) {
        return JSON.arrayNode().addAll(values);
    }

    private static JsonNode hex(byte[] bytes) {
        return JSON.stringNode("0x" + HexFormat.of().formatHex(bytes));
    }

    private static JsonNode number(BigInteger value, int bits) {
        if (value.bitLength() < Integer.SIZE) {
            return JSON.numberNode(value.intValue());
        }
        return value.bitLength() <= SAFE_BITS
                ? JSON.numberNode(value.longValue())
                : JSON.stringNode(
                        "0x" + "0".repeat(bits / 4 - value.toString(16).length()) + value.toString(16));
    }

    private static BigInteger littleEndian(byte[] bytes, boolean signed) {
        byte[] bigEndian = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            bigEndian[bytes.length - 1 - i] = bytes[i];
        }
        return signed ? new BigInteger(bigEndian) : new BigInteger(1, bigEndian);
    }

    private static String lowerFirst(String name) {
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static String camelCase(String name) {
        return NEXT_WORD
                .matcher(lowerFirst(name))
                .replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
    }

    // What is asked of it

    Map<String, Entry> entries() {
        return entries;
    }

    /** All names of groups of calls. */
    List<String> apis() {
        return methods.keySet().stream()
                .map(method -> method.substring(0, method.indexOf('_')))
                .distinct()
                .toList();
    }

    boolean answers(String method) {
        return methods.containsKey(method);
    }

    private Method method(String name) throws UnknownLayout {
        Method method = methods.get(name);
        if (method == null) {
            throw new UnknownLayout("There is no method " + name);
        }
        return method;
    }

    JsonNode arguments(String method, ScaleReader in) throws UnknownLayout {
        return in.whole(all -> tuple(method(method).inputs(), all));
    }

    JsonNode result(String method, ScaleReader in) throws UnknownLayout {
        return in.whole(all -> value(method(method).output(), all));
    }

    /** The place in storage that a key, or the beginning of one, belongs to. */
    Entry entry(String key) throws UnknownLayout {
        Entry entry = entries.get(key.substring(2, 2 + 2 * NAME_BYTES));
        if (entry == null) {
            throw new UnknownLayout("Nothing is stored under " + key);
        }
        return entry;
    }

    /** What a key stands for, as far as it goes. */
    JsonNode key(String key) throws UnknownLayout {
        Entry entry = entry(key);
        ArrayNode parts = JSON.arrayNode();
        ScaleReader in = ScaleReader.ofHex(key);
        in.bytes(NAME_BYTES);
        for (int i = 0; i < entry.hashers().size() && !ended(in); i++) {
            Hasher hasher = Hasher.values()[entry.hashers().get(i)];
            in.bytes(hasher.bytes);
            if (hasher.concat) {
                parts.add(value(entry.keys().get(i), in));
            }
        }
        in.end();
        return parts;
    }

    private static boolean ended(ScaleReader in) {
        try {
            in.end();
            return true;
        } catch (UnknownLayout e) {
            return false;
        }
    }

    /** What is stored under a key. */
    JsonNode stored(String key, JsonNode answer) throws UnknownLayout {
        Entry entry = entry(key);
        if (!answer.isNull()) {
            return ScaleReader.ofHex(answer.asString()).whole(in -> value(entry.value(), in));
        }
        return entry.optional()
                ? JSON.nullNode()
                : ScaleReader.ofHex(entry.byDefault()).whole(in -> value(entry.value(), in));
    }

    /** Something of a type that has this name. */
    JsonNode named(String type, ScaleReader in) throws UnknownLayout {
        Type known = types.values().stream()
                .filter(one -> one.name().equals(type))
                .findFirst()
                .orElseThrow(() -> new UnknownLayout("There is no type " + type));
        return in.whole(known.reader());
    }

    /** A call that was put into a block, with who signed it if somebody did: address, signature, what else is signed. */
    JsonNode extrinsic(ScaleReader in) throws UnknownLayout {
        ObjectNode read = JSON.objectNode();
        ScaleReader inner = new ScaleReader(in.whole(ScaleReader::byteList));
        return inner.whole(all -> {
            boolean signed = all.u8() >= 0x80;
            if (signed) {
                read.set("signer", value(extrinsic.get(0), all));
                read.set("signature", value(extrinsic.get(2), all));
                read.set("extra", value(extrinsic.get(3), all));
            }
            read.set("call", value(extrinsic.get(1), all));
            return read;
        });
    }
}
