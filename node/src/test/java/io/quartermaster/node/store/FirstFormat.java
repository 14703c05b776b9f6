package io.quartermaster.node.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes journals as the first version did. */
final class FirstFormat {
    private FirstFormat() {}

    static byte[] journal(String owner, List<String> records) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(("quartermaster-journal/1 " + owner + "\n").getBytes(StandardCharsets.UTF_8));
        for (String text : records) {
            byte[] record = text.getBytes(StandardCharsets.UTF_8);
            CRC32C crc = new CRC32C();
            crc.update(record);
            out.writeInt(record.length);
            out.writeInt((int) crc.getValue());
            out.write(record);
        }
        return bytes.toByteArray();
    }
}
