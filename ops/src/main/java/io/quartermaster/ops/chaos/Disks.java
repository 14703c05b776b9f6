package io.quartermaster.ops.chaos;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The replicas' disks, each with a file system of its own, so that it can be full without anything else being so. Needs the
 * rights to mount them (root); where they are missing, replicas have directories, which can be lost and damaged, but not full.
 */
final class Disks implements AutoCloseable {
    private static final String SIZE = "400M";
    private static final Pattern JOURNAL = Pattern.compile("journal-\\d+");

    private final Path directory;
    private final int replicas;
    private final boolean real;

    Disks(Path directory, int replicas, boolean wanted) {
        this.directory = directory;
        this.replicas = replicas;
        this.real = wanted && build();
    }

    /** Whether they can be full. */
    boolean real() {
        return real;
    }

    private Path mount(int replica) {
        return directory.resolve("disk-" + replica);
    }

    /** Where a replica keeps its files. */
    Path data(int replica) {
        return (real ? mount(replica) : directory).resolve("data-" + replica);
    }

    private boolean build() {
        boolean made = true;
        for (int replica = 1; replica <= replicas && made; replica++) {
            Path image = directory.resolve("image-" + replica);
            made = Shell.run("truncate", "-s", SIZE, image.toString())
                    && Shell.run("mkfs.ext4", "-q", image.toString())
                    && Shell.run("mkdir", "-p", mount(replica).toString())
                    && Shell.run(
                            "mount",
                            "-o",
                            "loop",
                            image.toString(),
                            mount(replica).toString());
        }
        if (!made) {
            close();
        }
        return made;
    }

    /** Takes all room that is left. */
    void fill(int replica) {
        try (RandomAccessFile file = new RandomAccessFile(filler(replica).toFile(), "rw")) {
            byte[] block = new byte[1 << 16];
            while (true) {
                file.write(block);
            }
        } catch (IOException full) {
            // The last bytes, too.
            Shell.run("sh", "-c", "yes >> " + filler(replica));
        }
    }

    /** Gives it back. */
    void free(int replica) {
        try {
            Files.deleteIfExists(filler(replica));
        } catch (IOException e) {
            throw new UncheckedIOException("The disk of replica " + replica + " stays full", e);
        }
    }

    private Path filler(int replica) {
        return mount(replica).resolve("filler");
    }

    /** As if the disk had been replaced by an empty one. */
    void lose(int replica) {
        try {
            if (Files.exists(data(replica))) {
                Directories.delete(data(replica));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The disk of replica " + replica + " can't be emptied", e);
        }
    }

    /** As if a crash had cut short a write that nobody was told of: something of it is there. */
    void tear(int replica, SplittableRandom random) {
        try (Stream<Path> files = Files.list(data(replica))) {
            List<Path> journals = new ArrayList<>(files.filter(file ->
                            JOURNAL.matcher(String.valueOf(file.getFileName())).matches())
                    .toList());
            journals.sort(Comparator.reverseOrder());
            if (!journals.isEmpty()) {
                byte[] part = new byte[1 + random.nextInt(5000)];
                random.nextBytes(part);
                try (RandomAccessFile file =
                        new RandomAccessFile(journals.get(0).toFile(), "rw")) {
                    file.seek(file.length());
                    file.write(part);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The journal of replica " + replica + " can't be torn", e);
        }
    }

    @Override
    public void close() {
        for (int replica = 1; replica <= replicas; replica++) {
            Shell.run("umount", "-l", mount(replica).toString());
        }
    }
}
