package io.heed.cli.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.webhooks.CallbackReader.Outgoing;
import io.heed.cli.webhooks.CallbackReader.Read;
import io.heed.client.Pseudonyms;
import io.heed.client.Recipients;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.Event;
import io.heed.core.model.TopicCodec;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** No callback, however broken, makes the reader fail, or write what the jobs cannot read. */
class CallbackFuzzingTest {
  private static final long NOW = 1_796_000_000_000L;

  /**
   * Tests run without the optimising compiler, beside others: reading 256 KiB takes up to 0.2 s so.
   * What grew with the square of the length would take minutes.
   */
  private static final long MAX_CPU_NANOS = 2_000_000_000L;

  private static final int MOST_BYTES = 256 << 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Map<String, VendorMapping> MAPPINGS =
      Map.of(
          "twilio", new TwilioMapping(),
          "telnyx", new TelnyxMapping(),
          "infobip", new InfobipMapping(),
          "bandwidth", new BandwidthMapping());
  private static final List<String> SAMPLES =
      List.of(
          "twilio-status.form",
          "twilio-inbound.form",
          "twilio-stop.form",
          "twilio-whatsapp.form",
          "telnyx-finalized.json",
          "telnyx-received.json",
          "infobip-reports.json",
          "infobip-inbound.json",
          "bandwidth-events.json");
  private static final List<String> TOKENS =
      List.of(
          "",
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          "[[[[[[[[",
          "{\"a\":",
          ",",
          ":",
          "null",
          "true",
          "\"\"",
          "1e99999999999",
          "-1e999999999",
          "9223372036854775808",
          "\\ud83d",
          "\\u0000",
          "\ud83d\ude00",
          "%",
          "%4",
          "%00",
          "%F0%9F",
          "+",
          "&",
          "=",
          "&&",
          "MessageSid=",
          "STOP",
          "\n",
          "\u202e",
          "+99999999999999999999",
          "2026-02-30T00:00:00Z",
          "+292278994-08-17T07:12:55Z",
          "9".repeat(5_000),
          "a".repeat(5_000));

  private final TopicCodec codec = new TopicCodec();
  private final Recipients plain = new Recipients("US", null);
  private final Recipients hashed =
      new Recipients("US", new Pseudonyms("a key of the tests".getBytes(StandardCharsets.UTF_8)));

  /** Another text in the place of a piece, some times over; places are shares of the length. */
  private record Edit(double from, int removed, String text, int times) {
    byte[] apply(byte[] body) {
      int start = (int) (from * body.length);
      int end = Math.min(body.length, start + removed);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(body, 0, start);
      byte[] piece = text.getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < times && out.size() < MOST_BYTES; i++) {
        out.writeBytes(piece);
      }
      out.write(body, end, body.length - end);
      return out.toByteArray();
    }
  }

  private record Broken(String sample, List<Edit> edits) {
    byte[] body() {
      byte[] body = TestingCallbacks.sample(sample);
      for (Edit edit : edits) {
        body = edit.apply(body);
      }
      return body;
    }

    String vendor() {
      return sample.substring(0, sample.indexOf('-'));
    }

    String contentType() {
      return sample.endsWith("form") ? "application/x-www-form-urlencoded" : "application/json";
    }
  }

  @Provide
  Arbitrary<Broken> broken() {
    Arbitrary<Edit> edits =
        Combinators.combine(
                Arbitraries.integers().between(0, 999).map(share -> share / 1_000.0),
                Arbitraries.integers().between(0, 40),
                Arbitraries.of(TOKENS),
                Arbitraries.frequency(
                    net.jqwik.api.Tuple.of(60, 1),
                    net.jqwik.api.Tuple.of(5, 2),
                    net.jqwik.api.Tuple.of(1, 500)))
            .as(Edit::new);
    return Combinators.combine(Arbitraries.of(SAMPLES), edits.list().ofMaxSize(4)).as(Broken::new);
  }

  @Property(tries = 1_000, shrinking = ShrinkingMode.BOUNDED)
  void theReaderTakesWhateverComes(@ForAll("broken") Broken broken) throws Exception {
    for (Recipients recipients : List.of(plain, hashed)) {
      CallbackReader reader = new CallbackReader(MAPPINGS.get(broken.vendor()), recipients);
      Callback callback =
          new Callback(
              "/" + broken.vendor(),
              Map.of("content-type", broken.contentType()),
              broken.body(),
              NOW);
      Read read = reader.read(callback);
      assertThat(read.records()).hasSize(read.events() + read.problems().size());
      List<Object> records = new ArrayList<>();
      for (Outgoing each : read.records()) {
        Object record = codec.read(each.topic(), each.value(), NOW);
        records.add(record);
        assertThat(each.key())
            .isEqualTo(
                record instanceof Event event ? event.recipientId() : ((DeadLetter) record).key());
      }
      assertThat(records.stream().filter(Event.class::isInstance)).hasSize(read.events());
      assertThat(leastNanos(reader, callback)).isLessThan(MAX_CPU_NANOS);
    }
  }

  /** Of three times at most: the first ones may have compiled something. */
  private static long leastNanos(CallbackReader reader, Callback callback) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3 && least > MAX_CPU_NANOS; i++) {
      long begun = THREADS.getCurrentThreadCpuTime();
      reader.read(callback);
      least = Math.min(least, THREADS.getCurrentThreadCpuTime() - begun);
    }
    return least;
  }
}
