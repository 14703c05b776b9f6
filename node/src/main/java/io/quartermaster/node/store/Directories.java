package io.quartermaster.node.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is done with the store's directory. */
final class Directories {
    private Directories() {}

    /** Makes new names in a directory survive the machine. */
    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The numbers of the files whose names match, ascending. */
    static SortedSet<Long> numbers(Path directory, Pattern name) throws IOException {
        SortedSet<Long> numbers = new TreeSet<>();
        for (Path file : files(directory)) {
            Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
            if (matcher.matches()) {
                numbers.add(Long.parseLong(matcher.group(1)));
            }
        }
        return numbers;
    }

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
