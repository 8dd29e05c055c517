package io.heed.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
  /** Request ids, a line each; a real system has them in its database. */
  private static final Path HANDED_OVER = Path.of("handed-over.txt");

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
      // Nothing promotional holds before all suppressions are read.
      for (int i = 0; i < 600 && !heed.isReady(); i++) {
        Thread.sleep(100);
      }
      for (String recipient : List.of(args).subList(1, args.length)) {
        MessageRequest message =
            MessageRequest.promotional(recipient, "spring-sale", "newsletter")
                // The same message after a restart of this program is the same request.
                .requestId("spring-sale:" + recipient);
        Permission permission = heed.request(message).join();
        System.out.println(recipient + ": " + permission);
        // The gate repeats an ALLOW until it expires, also for a message that went out.
        if (permission.holds() && isFirst(message.requestId())) {
          String messageId = handOver(recipient, "Example Shop: 20 % off. Reply STOP to end");
          heed.report(permission.sent(messageId, 1, 7_900)).join();
        } else if (!permission.holds()) {
          System.out.println(
              "  not sent; "
                  + permission
                      .repeatAt()
                      .map(at -> "repeat the request at " + at)
                      .orElse("the verdict is final"));
        }
      }
    }
  }

  /**
   * Whether a message was not handed over yet, and notes that it is from now on. Noted before, so
   * that a crash in between costs a message and sends none twice.
   */
  private static boolean isFirst(String requestId) throws IOException {
    if (Files.exists(HANDED_OVER) && Files.readAllLines(HANDED_OVER).contains(requestId)) {
      System.out.println("  handed over before, see " + HANDED_OVER);
      return false;
    }
    byte[] line = (requestId + "\n").getBytes(StandardCharsets.UTF_8);
    Files.write(
        HANDED_OVER,
        line,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND,
        StandardOpenOption.SYNC);
    return true;
  }

  /** Where a vendor's API is called; it returns the id under which receipts will come. */
  private static String handOver(String recipient, String text) {
    System.out.println("  to the vendor: " + recipient + " <- " + text);
    return UUID.randomUUID().toString();
  }
}
