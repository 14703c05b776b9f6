package io.quartermaster.node.app.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Reads a stream of events until it is closed, from one side or the other. */
final class StreamReader implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final HttpResponse<InputStream> answer;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private volatile boolean open;

    record Event(String id, String type, String data) {}

    StreamReader(int port, String query, Map<String, String> headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events/stream" + query));
        headers.forEach(request::header);
        this.answer = CLIENT.send(request.build(), BodyHandlers.ofInputStream());
        BufferedReader in = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        Thread thread = new Thread(() -> read(in), "reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void read(BufferedReader in) {
        String id = "";
        String type = "";
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                open |= line.startsWith(":");
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    events.add(new Event(id, type, line.substring(6)));
                }
            }
        } catch (IOException closed) {
            open = false;
        }
    }

    int status() {
        return answer.statusCode();
    }

    /** Whether the stream has begun. */
    boolean open() {
        return open;
    }

    List<String> lines() {
        return lines;
    }

    List<Event> events() {
        return events;
    }

    @Override
    public void close() throws IOException {
        answer.body().close();
    }
}
