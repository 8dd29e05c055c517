package io.heed.cli;

import io.heed.cli.webhooks.SignatureCheck;
import io.heed.cli.webhooks.WebhookServer;
import io.heed.client.EventWriter;
import io.heed.client.KafkaSettings;
import io.heed.client.Pseudonyms;
import io.heed.client.Recipients;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heed webhooks}: vendors' callbacks into events. */
@Command(
    name = "webhooks",
    description = {
      "Takes the status and inbound callbacks of vendors over HTTP (POST /twilio, /telnyx, /infobip,",
      "/bandwidth), checks their signatures and writes them as events. A callback is acknowledged",
      "once Kafka has it. Keys are files of a key a line: while you replace one, both are valid."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = WebhooksCommand.Kafka.class,
    footer = {
      "",
      "Example:",
      "  ./heed webhooks --kafka broker:9092 --listen 127.0.0.1:8085 \\",
      "      --twilio-tokens twilio.key --public-url https://hooks.example.com \\",
      "      --telnyx-keys telnyx.pub --bandwidth-credentials bandwidth.key"
    })
final class WebhooksCommand implements Callable<Integer> {
  private static final List<Topic> WRITES =
      List.of(Topic.DELIVERY, Topic.REPLY, Topic.OPT_OUT, Topic.DEAD_LETTER);

  /** The options of Kafka that it takes. */
  static final class Kafka implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      return KafkaOptions.add(
          command, List.of("kafka", "kafka-config", "topic-prefix", "default-country"));
    }
  }

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8085",
      description =
          "Where to listen; put a proxy with TLS in front, or name an address of this machine, or"
              + " 0.0.0.0 (default: ${DEFAULT-VALUE}).")
  private String listen;

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "What stands before /twilio in the URL that Twilio calls, which it signs; needed for Twilio.")
  private String publicUrl;

  @Option(
      names = "--twilio-tokens",
      paramLabel = "FILE",
      description = "Auth tokens of the Twilio account.")
  private Path twilio;

  @Option(
      names = "--telnyx-keys",
      paramLabel = "FILE",
      description = "Public keys of the Telnyx account, base64.")
  private Path telnyx;

  @Option(
      names = "--infobip-credentials",
      paramLabel = "FILE",
      description = "USER:PASSWORD of the Infobip subscription's security settings of type BASIC.")
  private Path infobip;

  @Option(
      names = "--bandwidth-credentials",
      paramLabel = "FILE",
      description = "USER:PASSWORD of the Bandwidth application's callbacks.")
  private Path bandwidth;

  @Option(
      names = "--pseudonym-key",
      paramLabel = "FILE",
      description =
          "Replaces recipients' numbers by their HMAC-SHA-256 under the key in this file.")
  private Path pseudonymKey;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Serves counts for Prometheus on loopback (default: not).")
  private Integer metricsPort;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    JobOptions options = KafkaOptions.of(spec);
    Map<String, SignatureCheck> checks = checks();
    InetSocketAddress address = address();
    if (metricsPort != null && (metricsPort < 0 || metricsPort > 65_535)) {
      throw new UserError("--metrics-port %d: 0 to 65535 is allowed".formatted(metricsPort));
    }
    Recipients recipients = recipients(options);
    PrintWriter out = spec.commandLine().getOut();
    try (EventWriter writer = writer(options);
        WebhookServer server = WebhookServer.start(address, checks, recipients, writer::write);
        MetricsPage metrics = metrics(server)) {
      String host = listen.substring(0, listen.lastIndexOf(':'));
      checks.keySet().stream()
          .sorted()
          .forEach(vendor -> out.printf("http://%s:%d/%s%n", host, server.port(), vendor));
      metrics.url().ifPresent(out::println);
      out.println("ready");
      out.flush();
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      out.println("stopped");
    } catch (IOException e) {
      throw new UserError("--listen %s: %s".formatted(listen, e.getMessage()), e);
    }
    return 0;
  }

  private MetricsPage metrics(WebhookServer server) {
    try {
      return new MetricsPage(metricsPort, server.counts()::text);
    } catch (IOException e) {
      throw new UserError("--metrics-port %d: %s".formatted(metricsPort, e.getMessage()), e);
    }
  }

  private Map<String, SignatureCheck> checks() {
    Map<String, SignatureCheck> checks = new HashMap<>();
    if (twilio != null) {
      if (publicUrl == null) {
        throw new UserError("--twilio-tokens: needs --public-url, which Twilio signs");
      }
      String base = publicUrl.replaceFirst("/+$", "");
      checks.put("twilio", SignatureCheck.twilio(keys("--twilio-tokens", twilio), base));
    }
    if (telnyx != null) {
      try {
        checks.put("telnyx", SignatureCheck.telnyx(keys("--telnyx-keys", telnyx)));
      } catch (IllegalArgumentException e) {
        throw new UserError("--telnyx-keys %s: %s".formatted(telnyx, e.getMessage()), e);
      }
    }
    if (infobip != null) {
      checks.put("infobip", credentials("--infobip-credentials", infobip));
    }
    if (bandwidth != null) {
      checks.put("bandwidth", credentials("--bandwidth-credentials", bandwidth));
    }
    if (checks.isEmpty()) {
      throw new UserError(
          "no vendor: give one of --twilio-tokens, --telnyx-keys, --infobip-credentials,"
              + " --bandwidth-credentials");
    }
    return checks;
  }

  private static SignatureCheck credentials(String option, Path file) {
    List<String> lines = keys(option, file);
    if (!lines.stream().allMatch(line -> line.indexOf(':') > 0)) {
      throw new UserError("%s %s: lines of USER:PASSWORD are needed".formatted(option, file));
    }
    return SignatureCheck.basic(lines);
  }

  private static List<String> keys(String option, Path file) {
    try {
      List<String> lines =
          Files.readAllLines(file).stream().map(String::strip).filter(l -> !l.isEmpty()).toList();
      if (lines.isEmpty()) {
        throw new UserError("%s %s: the file is empty".formatted(option, file));
      }
      return lines;
    } catch (IOException e) {
      throw UserError.of(option + " " + file, e);
    }
  }

  private InetSocketAddress address() {
    int colon = listen.lastIndexOf(':');
    String port = listen.substring(colon + 1);
    if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new UserError(
          "--listen %s: HOST:PORT is needed, such as 127.0.0.1:8085".formatted(listen));
    }
    InetSocketAddress address =
        new InetSocketAddress(listen.substring(0, colon), Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new UserError("--listen %s: there is no such host".formatted(listen));
    }
    return address;
  }

  private Recipients recipients(JobOptions options) {
    try {
      return new Recipients(
          options.defaultCountry(),
          pseudonymKey == null ? null : Pseudonyms.fromFile(pseudonymKey));
    } catch (IOException e) {
      throw UserError.of("--pseudonym-key " + pseudonymKey, e);
    } catch (IllegalArgumentException e) {
      throw new UserError("--pseudonym-key %s: %s".formatted(pseudonymKey, e.getMessage()), e);
    }
  }

  private static EventWriter writer(JobOptions options) throws InterruptedException {
    Map<String, Object> client = new HashMap<>();
    try {
      options.cluster().client(Map.of()).forEach((name, value) -> client.put((String) name, value));
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
    EventPublisher.requireTopics(options.cluster(), options.topicNames(), WRITES);
    EventWriter writer = null;
    try {
      writer =
          new EventWriter(
              new KafkaSettings(client), options.topicNames(), WebhookServer.ACKNOWLEDGED_WITHIN);
      writer.connect(WRITES);
      return writer;
    } catch (IllegalArgumentException | KafkaException e) {
      if (writer != null) {
        writer.close();
      }
      throw new UserError("Kafka at %s: %s".formatted(options.cluster(), e.getMessage()), e);
    }
  }
}
