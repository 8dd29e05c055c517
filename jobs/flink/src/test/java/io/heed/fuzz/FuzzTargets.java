package io.heed.fuzz;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.heed.core.Documents;
import io.heed.core.attribution.HistoryCodec;
import io.heed.core.attribution.LiftCodec;
import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.config.ConfigException;
import io.heed.core.config.DocumentKind;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.TestingStateCodec;
import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.FactCounter;
import io.heed.core.listhealth.FactReader;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RecipientFacts;
import io.heed.core.listhealth.RowDeltas;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.RecordShape;
import io.heed.core.model.RecordShape.Component;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.sendgate.TestingFailSafe;
import io.heed.flink.streaming.BinarySerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.RecordSerializer;
import io.heed.flink.warehouse.TestingColumns;
import io.heed.replay.Mapping;
import io.heed.replay.MappingReader;
import io.heed.replay.Replay;
import io.heed.replay.ReplayException;
import io.heed.replay.ReplayOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Everything that reads what comes from outside, and the binary forms. */
final class FuzzTargets {
  private static final int SHORT = 2_000;
  private static final long APPENDED = 1_750_000_000_000L;
  private static final TopicCodec CODEC = new TopicCodec();
  private static final RecordSerializer<Event> EVENTS = new RecordSerializer<>(Event.class);
  private static final FactReader FACTS = new FactReader();
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();

  private FuzzTargets() {}

  /** Those whose name has the system property {@code heed.fuzz.target} in it, by default all. */
  static List<FuzzTarget> chosen() {
    String chosen = System.getProperty("heed.fuzz.target", "");
    return all().stream().filter(target -> target.name().contains(chosen)).toList();
  }

  static List<FuzzTarget> all() {
    List<FuzzTarget> targets = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      targets.add(topic(topic));
    }
    Documents.KINDS.forEach(kind -> targets.add(documents(kind)));
    targets.add(failSafe());
    targets.add(replies());
    targets.add(mappings());
    Stream.of("iso", "epoch-seconds", "epoch-millis", "year-week", "dd/MM/yyyy HH:mm")
        .forEach(format -> targets.add(rows(format)));
    targets.add(state("the gate", "gate/recipient-state-v1.hex", TestingStateCodec::again));
    targets.add(
        state(
            "attribution",
            "attribution/history-v1.hex",
            value -> HistoryCodec.write(HistoryCodec.read(value))));
    targets.add(
        state(
            "the lift",
            "attribution/lift-v1.hex",
            value -> LiftCodec.write(LiftCodec.read(value))));
    targets.add(binary("state of list health", smallNumbers(), FuzzTargets::again));
    targets.add(
        binary(
            "state of an hour's rows",
            smallNumbers(),
            value -> HourRows.of(new HourRows.Key("l", "c", 0), value).toBytes()));
    targets.addAll(serializers());
    return targets;
  }

  private static FuzzTarget topic(Topic topic) {
    List<String> seeds =
        (topic.type() == ResultRow.class
                ? TopicCodec.ROWS.values().stream()
                : Stream.<Class<?>>of(topic.type()))
            .map(FuzzTargets::example)
            .toList();
    return new FuzzTarget(
        topic.baseName(), SHORT, FuzzTarget.texts(seeds.stream()), value -> record(topic, value));
  }

  /** Whatever is read can be written, read again, sent between operators and put into its table. */
  @SuppressWarnings("unchecked")
  private static void record(Topic topic, byte[] value) throws Exception {
    Input input = Input.decode(CODEC, topic, 0, 0, APPENDED, null, value);
    Object record = input.content();
    if (record == null) {
      expect(!input.unreadable().isBlank() && input.unreadable().length() < 2_000, "a reason");
      return;
    }
    expect(TestingColumns.make(input) != null, "a row");
    if (!(record instanceof AttributionCreditRow)) { // its credit is written with 12 places
      byte[] json = ((JsonCodec<Object>) JsonCodec.of(record.getClass())).write(record);
      expect(CODEC.read(topic, json, APPENDED).equals(record), "read as it was written");
    }
    if (record instanceof Event event) {
      DataOutputSerializer out = new DataOutputSerializer(64);
      EVENTS.serialize(event, out);
      Event read = EVENTS.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
      expect(Objects.equals(read.recipientId(), event.recipientId()), "the event as it was sent");
      Fact fact = FACTS.read(event);
      if (fact != null) {
        RecipientFacts facts = new RecipientFacts();
        facts.load(null);
        new FactCounter(facts).add(fact, new RowDeltas());
        byte[] state = facts.toBytes();
        expect(Arrays.equals(again(state), state), "the state as it was written");
      }
    }
  }

  private static byte[] again(byte[] state) throws BinaryException {
    RecipientFacts facts = new RecipientFacts();
    facts.load(state);
    return facts.toBytes();
  }

  private static FuzzTarget documents(DocumentKind<?> kind) {
    Path root = Path.of("../../experiment-config");
    try (Stream<Path> files = Files.walk(root)) {
      List<byte[]> seeds = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        seeds.add(Files.readAllBytes(file));
      }
      return new FuzzTarget(
          "documents of kind " + kind.name(),
          SHORT / 10,
          seeds,
          value -> {
            try {
              kind.parser().parse("f.yaml", new String(value, StandardCharsets.UTF_8));
            } catch (ConfigException e) {
              expect(!e.errors().isEmpty(), "mistakes");
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FuzzTarget failSafe() {
    List<byte[]> seeds =
        FuzzTarget.texts(
            Stream.of(
                "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"scope\":\"l\",\"method\":\"WEB\"}",
                "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"body\":\"please stop\",\"message_id\":\"m\"}",
                "[{\"recipient_id\":\"r\",\"body\":{\"text\":\"STOP\"}},{\"recipient_id\":\"s\",\"body\":\"STOP",
                "\"{\\\"recipient_id\\\":\\\"r\\\",\\\"body\\\":\\\"STOP\\\"}\"",
                "STOP"));
    return new FuzzTarget(
        "fail-safe revocations",
        SHORT,
        seeds,
        value -> {
          for (Topic topic : List.of(Topic.OPT_OUT, Topic.REPLY)) {
            byte[] key = Arrays.copyOf(value, Math.min(value.length, 300));
            for (Revoked revoked : TestingFailSafe.read(topic, key, value)) {
              expect(within(revoked.recipientId()), "a recipient within bounds");
              expect(revoked.scope() == null || within(revoked.scope()), "a scope within bounds");
              expect(revoked.messageId() == null || within(revoked.messageId()), "a message");
            }
          }
        });
  }

  private static boolean within(String id) {
    return !id.isEmpty() && id.codePointCount(0, id.length()) <= 256;
  }

  private static FuzzTarget replies() {
    List<byte[]> seeds =
        FuzzTarget.texts(
            Stream.of(
                "STOP",
                "please take me off your list, thanks",
                "no me envíen más mensajes",
                "unsubscribe me now!!!",
                "when does the stop sale end?",
                "HELP",
                "YES"));
    return new FuzzTarget(
        "replies",
        SHORT,
        seeds,
        value -> {
          String body = new String(value, StandardCharsets.UTF_8);
          RECOGNISER.recognise(body.substring(0, Math.min(body.length(), 4_096)));
        });
  }

  private static FuzzTarget mappings() {
    return new FuzzTarget(
        "replay mappings",
        SHORT / 10,
        FuzzTarget.texts(Stream.of(MAPPING)),
        value -> {
          try {
            MappingReader.read("m.yaml", new String(value, StandardCharsets.UTF_8));
          } catch (ConfigException e) {
            expect(!e.errors().isEmpty(), "mistakes");
          }
        });
  }

  private static final String MAPPING =
      """
      name: sales
      values:
        kind: { of: "{type}", map: { sale: PURCHASE, back: REFUND } }
      journeys:
        - recipient: "{customer}"
          times:
            sold: { column: "{at}", format: "%s" }
          events:
            - topic: sms.conversion
              at: sold
              fields:
                conversion_id: "{shop}-{row}"
                kind: "{kind}"
                revenue_micros: { micros: "{cents}", unit: 0.01 }
      """;

  /** CSV, JSON lines and numbers, with times in one format. */
  private static FuzzTarget rows(String format) {
    List<byte[]> seeds =
        FuzzTarget.texts(
            Stream.of(
                "customer,shop,type,cents,at\nann,north,sale,1999,2026-05-01T10:00:00Z\n\"b \"\"c\"\"\",s,back,0.5,2026-04-30\n",
                "customer,shop,type,cents,at\nann,north,sale,1999,1750000000\nbob,n,sale,1,201446\n",
                "customer,shop,type,cents,at\nann,north,sale,1999,31/12/2026 10:00\n",
                "{\"customer\":\"ann\",\"shop\":\"n\",\"type\":\"sale\",\"cents\":1e3,\"at\":1750000000000}\n{\"a\":[1,{\"b\":2}]}\n"));
    Mapping mapping = mapping(format);
    Path file;
    try {
      file = Files.createTempFile("heed-fuzz", ".csv");
      file.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FuzzTarget(
        "replay rows with times as " + format,
        SHORT / 20,
        seeds,
        value -> {
          Files.write(file, value);
          try (Replay replay =
              Replay.open(file, mapping, ReplayOptions.at(Instant.ofEpochMilli(APPENDED)))) {
            replay.forEach(event -> {});
          } catch (ReplayException e) {
            expect(!e.getMessage().isBlank(), "a reason");
          }
        });
  }

  private static Mapping mapping(String format) {
    try {
      return MappingReader.read("m.yaml", MAPPING.formatted(format));
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FuzzTarget state(String of, String golden, Again form) {
    try {
      String hex = Files.readString(Path.of("../core/src/test/resources").resolve(golden));
      return binary("state of " + of, List.of(HexFormat.of().parseHex(hex.strip())), form);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every serializer of the one binary form, also those to come. */
  private static List<FuzzTarget> serializers() {
    List<FuzzTarget> targets = new ArrayList<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.heed.flink")) {
      if (type.isAssignableTo(BinarySerializer.class)
          && !type.getModifiers().contains(JavaModifier.ABSTRACT)
          && !type.isEquivalentTo(RecordSerializer.class)) {
        targets.add(serializer(type.getFullName(), instance(type.reflect())));
      }
      for (JavaField field : type.getFields()) {
        if (field.getModifiers().contains(JavaModifier.STATIC)
            && field.getRawType().isEquivalentTo(CompactTypeInfo.class)
            && value(field.reflect()).createSerializer(null) instanceof RecordSerializer<?> of) {
          targets.add(serializer("records of " + field.getFullName(), of));
        }
      }
    }
    return targets;
  }

  private static BinarySerializer<?> instance(Class<?> type) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return (BinarySerializer<?>) constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompactTypeInfo<?> value(Field field) {
    try {
      field.setAccessible(true);
      return (CompactTypeInfo<?>) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> FuzzTarget serializer(String name, BinarySerializer<T> serializer) {
    return binary(
        name,
        smallNumbers(),
        value -> {
          BinaryWriter out = new BinaryWriter();
          serializer.write(BinaryReader.whole(new BinaryReader(value), serializer::read), out);
          return out.toByteArray();
        });
  }

  /** Reads bytes and writes what they are. */
  private interface Again {
    byte[] apply(byte[] bytes) throws BinaryException;
  }

  /**
   * What is read is read again as it was written, and nothing but {@link BinaryException} comes.
   */
  private static FuzzTarget binary(String name, List<byte[]> seeds, Again form) {
    return new FuzzTarget(
        name,
        SHORT / 2,
        seeds,
        value -> {
          byte[] written;
          try {
            written = form.apply(value);
          } catch (BinaryException e) {
            expect(e.getMessage() != null, "a reason");
            return;
          }
          // Maps may come in another order.
          expect(
              Arrays.equals(sorted(form.apply(written)), sorted(written)),
              "read as it was written");
        });
  }

  /** Counts, flags and constants that mean something. */
  private static List<byte[]> smallNumbers() {
    Random random = new Random(1);
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(new byte[64]);
    for (int i = 0; i < 500; i++) {
      byte[] seed = new byte[random.nextInt(60)];
      for (int b = 0; b < seed.length; b++) {
        seed[b] = (byte) random.nextInt(3);
      }
      seeds.add(seed);
    }
    return seeds;
  }

  private static byte[] sorted(byte[] bytes) {
    byte[] copy = bytes.clone();
    Arrays.sort(copy);
    return copy;
  }

  private static String example(Class<?> type) {
    StringBuilder json = new StringBuilder("{");
    for (Component component : RecordShape.of(type).components()) {
      json.append(json.length() == 1 ? "\"" : ",\"").append(component.name()).append("\":");
      json.append(value(component));
    }
    return json.append('}').toString();
  }

  private static String value(Component component) {
    Optional<Object> constant =
        component.constants().values().stream()
            .min(java.util.Comparator.comparing(Object::toString));
    return switch (component.kind()) {
      case TEXT -> {
        boolean plain =
            component.pattern() == null || component.pattern().matcher("email").matches();
        yield "\"" + (plain ? "email" : component.pattern().pattern()) + "\"";
      }
      case INTEGER -> component.isInstant() ? "" + APPENDED : "3";
      case BOOLEAN -> "true";
      case DOUBLE, DECIMAL -> "0.25";
      case ENUM -> "\"" + constant.orElseThrow() + "\"";
      case TEXTS -> "[\"a\",\"b\"]";
      case ENUMS -> "[\"" + constant.orElseThrow() + "\"]";
      case RECORD -> example(component.type());
      case RECORDS -> "[" + example(component.type()) + "]";
      case SHARES -> "{\"a\":0.25,\"b\":0.75}";
      case FREE -> "{\"a\":\"b\",\"c\":[1,2.5,{\"d\":null}]}";
    };
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("expected: " + what);
    }
  }
}
