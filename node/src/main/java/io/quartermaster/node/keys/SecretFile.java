package io.quartermaster.node.keys;

import io.quartermaster.api.InvalidArgument;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * A file with a secret in it. It must not be readable by anybody but its owner. What is in it is in no message.
 *
 * @param field what messages call it
 * @param whose what sentences call it: "The hotkey's"
 * @param path where it is
 */
record SecretFile(String field, String whose, Path path) {
    private static final long LONGEST_FILE = 64 * 1024;
    private static final Set<PosixFilePermission> FOR_OWNER = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY_FOR_OWNER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /**
     * What is in it.
     *
     * @throws InvalidArgument if it is not there, may be read by others, or is too long
     */
    String contents() {
        try {
            if (!Files.isRegularFile(path)) {
                throw refused("is not there");
            }
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            permissions.addAll(Files.getPosixFilePermissions(path));
            permissions.retainAll(OTHERS);
            if (!permissions.isEmpty()) {
                throw refused("may be read by others than its owner: chmod 600 " + path);
            }
            if (Files.size(path) > LONGEST_FILE) {
                throw refused("is too long to be a key");
            }
            return Files.readString(path);
        } catch (UnsupportedOperationException e) {
            throw refused("is on a file system that does not say who may read it");
        } catch (IOException e) {
            throw refused("can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /**
     * Makes it, whole or not at all, and the directories that it is in. One that is there already stays as it is, also if another
     * process makes it at the same moment.
     *
     * @param text what is to be in it
     * @throws InvalidArgument if it can't be made there
     */
    void create(String text) {
        try {
            Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(DIRECTORY_FOR_OWNER));
            }
            Path aside = Files.createTempFile(
                    directory, "." + path.getFileName(), ".new", PosixFilePermissions.asFileAttribute(FOR_OWNER));
            try {
                try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                    channel.force(true);
                }
                // A move would replace the secret that another process may have made meanwhile, and uses already.
                Files.createLink(path, aside);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (FileAlreadyExistsException e) {
            if (!Files.exists(path)) {
                throw refused("can't be made: " + e.getFile() + " is in the way");
            }
        } catch (UnsupportedOperationException e) {
            throw refused("can't be made on a file system that does not say who may read it, or has no links");
        } catch (IOException e) {
            throw refused("can't be made (" + e.getClass().getSimpleName() + "): may this user write there?");
        }
    }

    InvalidArgument refused(String why) {
        return new InvalidArgument(field, whose + " file " + path + " " + why);
    }
}
