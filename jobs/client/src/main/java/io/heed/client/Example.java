package io.heed.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A whole sending system: requests a verdict for each recipient, obeys it, reports what was sent.
 *
 * <pre>
 * java -cp jobs/cli/target/heed-cli.jar io.heed.client.Example 127.0.0.1:9092 +12125550178 ...
 * </pre>
 */
public final class Example {
  private Example() {}

  /**
   * Runs it.
   *
   * @param args servers, then recipients; the system property heed.kafka.config names a file of
   *     client properties
   */
  public static void main(String[] args) throws Exception {
    String config = System.getProperty("heed.kafka.config");
    KafkaSettings kafka = KafkaSettings.of(args[0], config == null ? null : Path.of(config));
    try (HeedClient heed = HeedClient.builder(kafka).timeout(Duration.ofSeconds(10)).build()) {
      for (String recipient : List.of(args).subList(1, args.length)) {
        MessageRequest message =
            MessageRequest.promotional(recipient, "spring-sale", "newsletter")
                // The same message after a restart of this program is the same request.
                .requestId("spring-sale:" + recipient);
        Permission permission = heed.request(message).join();
        System.out.println(recipient + ": " + permission);
        if (permission.holds()) {
          String messageId = handOver(recipient, "Example Shop: 20 % off. Reply STOP to end");
          heed.report(permission.sent(messageId, 1, 7_900)).join();
        }
      }
    }
  }

  /** Where a vendor's API is called; it returns the id under which receipts will come. */
  private static String handOver(String recipient, String text) {
    System.out.println("  to the vendor: " + recipient + " <- " + text);
    return UUID.randomUUID().toString();
  }
}
