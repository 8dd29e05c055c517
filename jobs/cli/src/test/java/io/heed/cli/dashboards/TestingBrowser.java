package io.heed.cli.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A page in Chromium without a window, driven by the DevTools protocol. */
public final class TestingBrowser implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Process chromium;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final StringBuilder partial = new StringBuilder();
  private String session;

  private TestingBrowser(Process chromium, String url) {
    this.chromium = chromium;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(url), new Listener())
            .join();
  }

  /** Where Chromium is on this machine, if it is. */
  public static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(
            dir ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(Path.of(dir)::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it with one page.
   *
   * @param profile an empty directory
   * @param options of Chromium besides
   */
  public static TestingBrowser start(
      Path executable, Path profile, int width, int height, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=" + width + "," + height,
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
    command.addAll(List.of(options));
    command.add("about:blank");
    Process chromium =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    // Two lines: the port, and the path of the browser's own socket.
    Path portFile = profile.resolve("DevToolsActivePort");
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(() -> Files.exists(portFile) && Files.readAllLines(portFile).size() == 2);
    List<String> lines = Files.readAllLines(portFile);
    TestingBrowser browser =
        new TestingBrowser(chromium, "ws://127.0.0.1:" + lines.get(0) + lines.get(1));
    browser.attach();
    return browser;
  }

  private void attach() {
    JsonNode target = call("Target.createTarget", Map.of("url", "about:blank"));
    session =
        call(
                "Target.attachToTarget",
                Map.of("targetId", target.path("targetId").asText(), "flatten", true))
            .path("sessionId")
            .asText();
    call("Page.enable", Map.of());
    call("Runtime.enable", Map.of());
    call("Log.enable", Map.of());
  }

  public void open(String url) {
    call("Page.navigate", Map.of("url", url));
  }

  /** The value of an expression. */
  public JsonNode evaluate(String expression) {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** Waits until an expression is true. */
  public void await(String expression) {
    Awaitility.await(expression).atMost(TIMEOUT).until(() -> evaluate(expression).asBoolean());
  }

  /** What the page has complained of since the last call. */
  public List<String> complaints() {
    List<String> found = List.copyOf(complaints);
    complaints.clear();
    return found;
  }

  /** Writes the whole page as a picture. */
  void picture(Path file, int width) {
    int height = evaluate("document.documentElement.scrollHeight").asInt();
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    JsonNode picture = call("Page.captureScreenshot", Map.of("format", "png"));
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode request = JSON.createObjectNode();
    request.put("id", id);
    request.put("method", method);
    request.set("params", JSON.valueToTree(parameters));
    if (session != null) {
      request.put("sessionId", session);
    }
    socket.sendText(request.toString(), true).join();
    return answer.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
      if (message.has("error")) {
        answer.completeExceptionally(new AssertionError(message.path("error").toString()));
      } else {
        answer.complete(message.path("result"));
      }
      return;
    }
    JsonNode parameters = message.path("params");
    switch (message.path("method").asText()) {
      case "Runtime.exceptionThrown" ->
          complaints.add(parameters.path("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> {
        if (List.of("error", "warning", "assert").contains(parameters.path("type").asText())) {
          complaints.add(parameters.path("args").toString());
        }
      }
      case "Log.entryAdded" -> {
        if (!parameters.path("entry").path("level").asText().matches("verbose|info")) {
          complaints.add(parameters.path("entry").toString());
        }
      }
      default -> {
        // Of no interest here.
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
    // All of them, for each still writes to the profile while it ends.
    List<ProcessHandle> processes =
        Stream.concat(chromium.descendants(), Stream.of(chromium.toHandle())).toList();
    chromium.destroy();
    for (ProcessHandle process : processes) {
      process
          .onExit()
          .completeOnTimeout(process, 10, TimeUnit.SECONDS)
          .thenAccept(ProcessHandle::destroyForcibly)
          .join();
      process.onExit().join();
    }
  }

  private final class Listener implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        String whole = partial.toString();
        partial.setLength(0);
        try {
          take(JSON.readTree(whole));
        } catch (IOException e) {
          complaints.add("unreadable message: " + whole);
        }
      }
      from.request(1);
      return null;
    }
  }
}
