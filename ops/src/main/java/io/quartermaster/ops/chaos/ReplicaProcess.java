package io.quartermaster.ops.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A replica in a process of its own. */
final class ReplicaProcess {
    private final Process process;
    private final long pid;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    ReplicaProcess(List<String> command, Path errors) {
        try {
            this.process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("A replica can't be started", e);
        }
        // "ip netns exec" replaces itself by the command that it runs, so this is the replica.
        this.pid = process.pid();
        Thread reader = new Thread(this::read, "replica-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } catch (IOException e) {
            said.add("gone");
        }
    }

    /** Tells the replica something; one that is dead does not hear it. */
    void tell(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            said.add("deaf");
        }
    }

    /** Waits until the replica says something that begins so. */
    Optional<String> hear(String beginning, long atMostMillis) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMillis);
        while (true) {
            long left = until - System.nanoTime();
            String line = left <= 0 ? null : said.poll(left, TimeUnit.NANOSECONDS);
            if (line == null) {
                return Optional.empty();
            }
            if (line.startsWith(beginning)) {
                return Optional.of(line);
            }
        }
    }

    void forget() {
        said.clear();
    }

    void signal(String name) {
        Shell.run("kill", "-" + name, Long.toString(pid));
    }

    /** As if its power had failed; what it has written is with the operating system. */
    void kill() {
        process.destroyForcibly();
        awaitEnd(10);
    }

    boolean awaitEnd(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean alive() {
        return process.isAlive();
    }
}
