package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaRights;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with TLS, SCRAM and access control lists, and exactly the documented rights. */
class SecuredKafkaIT {
  private static final String PASSWORD = "kept-between-us";
  private static final Pattern ACL =
      Pattern.compile(
          "kafka-acls.sh --bootstrap-server \\S+ --command-config \\S+ --add --allow-principal"
              + " '(\\S+)' (.*) --(topic|group) (\\S+)( --resource-pattern-type PREFIXED)?");

  @TempDir private static Path directory;
  private static TestingSecuredKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    kafka = new TestingSecuredKafka(directory.resolve("kafka"));
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void everyJobRunsWithTheRightsThatAreDocumentedAndNoSecretIsWritten() throws Exception {
    Path owner = kafka.user("owner", "of-the-cluster");
    mayCreateTopics("owner");
    Path heed = kafka.user("heed", PASSWORD);
    Object[] create = {"topics", "--create", "--kafka", kafka.servers(), "--kafka-config", owner};
    await(() -> assertThat(run(create)[1]).isEmpty());
    String[] acls =
        run("topics", "--acls", "User:heed", "--kafka", kafka.servers(), "--kafka-config", heed);
    acls[0].lines().forEach(line -> kafka.admin.createAcls(bindings(line)));
    Path sender = kafka.user("sender", "of-the-sender");
    for (Topic topic : List.of(Topic.SEND_REQUEST, Topic.SEND)) {
      grant("User:sender", ResourceType.TOPIC, topic.baseName(), AclOperation.WRITE);
    }
    grant("User:sender", ResourceType.TOPIC, Topic.SEND_VERDICT.baseName(), AclOperation.READ);

    Path data = directory.resolve("data");
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(data)
                .parts(Part.CLICKHOUSE, Part.FLINK)
                .kafka(new KafkaCluster(kafka.servers(), heed))
                .clickHousePort(0)
                .flinkPort(0)
                .metricsPort(0)
                .jobs(List.copyOf(Jobs.all().keySet()))
                .build())) {
      simulate(stack.endpoints().clickHouseUrl());
      assertThat(verdict(new KafkaCluster(kafka.servers(), sender))).isNotNull();
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> records(Topic.LIST_HEALTH_RESULT) > 0 && records(Topic.PIPELINE_METRIC) > 0);
      assertThat(stack.areJobsRunning()).isTrue();
      assertThat(texts(data)).noneMatch(text -> text.contains(PASSWORD));
      assertThat(texts(data)).noneMatch(text -> text.contains("AuthorizationException"));
      assertThat(pages(stack.endpoints().flinkUrl()))
          .anyMatch(page -> page.contains("metrics.reporter.heed.kafka-config"))
          .noneMatch(page -> page.contains(PASSWORD));
      assertThat(ProcessHandle.allProcesses().map(SecuredKafkaIT::commandLine))
          .anyMatch(line -> line.contains(heed.toString()))
          .noneMatch(line -> line.contains(PASSWORD));
    }
  }

  /** What all jobs make of simulated traffic is true, by a user who may do just what is needed. */
  private static void simulate(String clickHouseUrl) throws Exception {
    Path simulator = kafka.user("simulator", "of-the-simulator");
    for (Topic topic : Topic.values()) {
      grant(
          "User:simulator",
          ResourceType.TOPIC,
          topic.baseName(),
          topic.carriesEvents() ? AclOperation.WRITE : AclOperation.DESCRIBE);
    }
    Path results = directory.resolve("simulated");
    Object[] command = {
      "simulate",
      "--for",
      "4s",
      "--recipients",
      "300",
      "--rate",
      "40",
      "--kafka",
      kafka.servers(),
      "--kafka-config",
      simulator,
      "--clickhouse-url",
      clickHouseUrl,
      "--out",
      results
    };
    await(() -> assertThat(run(command)[1]).contains("grant the user READ on").hasLineCount(1));
    // As documented, not as the code has it.
    for (String topic :
        List.of(
            "sms.assignment",
            "sms.decision.suppression",
            "sms.decision.frequency-cap",
            "sms.decision.send-verdict",
            "sms.decision.experiment",
            "sms.decision.heartbeat")) {
      grant("User:simulator", ResourceType.TOPIC, topic, AclOperation.READ);
    }
    String[] said = run(command);
    for (int i = 0; i < 10 && said[1].contains("grant the user READ on"); i++) {
      said = run(command);
    }
    assertThat(said[0])
        .as(said[1])
        .contains("ClickHouse and the truth agree in all", "list health included")
        .containsPattern("[1-9][0-9,]* texts were sent on request, 0 against a decision");
    assertThat(results.resolve("truth.json")).isNotEmptyFile();
    assertThat(run(command)[1]).contains("hold records already", "--used-topics");
  }

  @Test
  void configurationAndHistoryArePublishedWithTheRightsThatAreDocumented() throws Exception {
    Path owner = kafka.user("maker", "of-topics");
    mayCreateTopics("maker");
    Object[] where = {"--topic-prefix", "past.", "--kafka", kafka.servers(), "--kafka-config"};
    Object[] create = all("topics", "--create", where, owner);
    await(() -> assertThat(run(create)[1]).isEmpty());
    Path planner = kafka.user("planner", "of-experiments");
    Object[] apply = all("apply", "../../experiment-config", where, planner);
    grant("User:planner", ResourceType.TOPIC, "past.sms.config", AclOperation.READ);
    await(
        () ->
            assertThat(run(apply)[1])
                .contains("on past.sms.config: ", "grant the user WRITE on it"));
    grant("User:planner", ResourceType.TOPIC, "past.sms.config", AclOperation.WRITE);
    await(() -> assertThat(run(apply)[0]).contains(" published, "));

    Path historian = kafka.user("historian", "of-the-past");
    Path export = Files.writeString(directory.resolve("cats.csv"), ReplayIT.CATS);
    Object[] replay =
        all("replay", export, "--mapping", "cookie_cats", "--complete", where, historian);
    for (Topic topic : Topic.events()) {
      AclOperation right = topic == Topic.ASSIGNMENT ? AclOperation.DESCRIBE : AclOperation.WRITE;
      grant("User:historian", ResourceType.TOPIC, "past." + topic.baseName(), right);
    }
    await(() -> assertThat(run(replay)[1]).contains("has no topic past.sms.time-mark"));
    grant("User:historian", ResourceType.TOPIC, "past.sms.time-mark", AclOperation.WRITE);
    await(() -> assertThat(run(replay)[1]).contains("[past.sms.assignment]; grant the user WRITE"));
    grant("User:historian", ResourceType.TOPIC, "past.sms.assignment", AclOperation.WRITE);
    await(() -> assertThat(run(replay)[0]).contains("published in ", "event time moves to "));
  }

  private static Object[] all(Object... parts) {
    return Stream.of(parts)
        .flatMap(part -> part instanceof Object[] some ? Stream.of(some) : Stream.of(part))
        .toArray();
  }

  @Test
  void eachRightThatIsMissingIsNamed() throws Exception {
    Path config = kafka.user("poor", "of-the-poor");
    JobOptions options =
        JobOptions.fromArgs(
            "--topic-prefix",
            "poor.",
            "--kafka",
            kafka.servers(),
            "--kafka-config",
            config.toString(),
            "--partitions",
            "1");
    Path owner = kafka.user("founder", "of-the-founder");
    mayCreateTopics("founder");
    run(
        "topics",
        "--create",
        "--topic-prefix",
        "poor.",
        "--kafka",
        kafka.servers(),
        "--kafka-config",
        owner,
        "--partitions",
        "1");

    for (String job : Jobs.all().keySet()) {
      KafkaRights rights = Jobs.rights(job);
      Map<AclBinding, String> needed = new LinkedHashMap<>();
      for (Topic topic : rights.reads()) {
        String name = options.topicNames().of(topic);
        needed.put(binding(topic(name), AclOperation.READ), "READ on topic " + name);
      }
      for (Topic topic : rights.writes()) {
        String name = options.topicNames().of(topic);
        needed.put(binding(topic(name), AclOperation.WRITE), "WRITE on topic " + name);
      }
      ResourcePattern group =
          new ResourcePattern(ResourceType.GROUP, rights.group(options), PatternType.PREFIXED);
      needed.put(
          binding(group, AclOperation.READ),
          "READ on consumer groups with prefix poor.heed-" + job);
      List<AclBinding> described =
          needed.keySet().stream()
              .filter(right -> right.pattern().resourceType() == ResourceType.TOPIC)
              .map(right -> binding(right.pattern(), AclOperation.DESCRIBE))
              .distinct()
              .toList();
      kafka.admin.createAcls(described).all().get();
      await(
          () ->
              assertThatThrownBy(() -> rights.require(options))
                  .hasMessageContaining("job " + job)
                  .satisfies(e -> assertThat(e.getMessage()).contains(needed.values())));
      kafka.admin.createAcls(needed.keySet()).all().get();
      await(() -> rights.require(options));
      AclBinding one = List.copyOf(needed.keySet()).get(job.length() % needed.size());
      kafka.admin.deleteAcls(List.of(one.toFilter())).all().get();
      await(
          () ->
              assertThatThrownBy(() -> rights.require(options))
                  .hasMessageEndingWith("lacks " + needed.get(one)));
      kafka
          .admin
          .deleteAcls(needed.keySet().stream().map(AclBinding::toFilter).toList())
          .all()
          .get();
    }
  }

  @Test
  void whatIsWrongIsNamedWithinTenSeconds() throws Exception {
    Path config = kafka.user("late", "of-the-late");
    kafka.user("wrong", "right");
    assertRefused(config.toString(), "topic sms.config: ", "grant CREATE on it");
    assertRefused(
        kafka.config("wrong", "guessed", "ca.pem").toString(),
        "invalid credentials",
        "check sasl.mechanism and sasl.jaas.config");
    assertRefused(
        kafka.config("late", "of-the-late", kafka.foreignCertificate()).toString(),
        "SSL handshake failed",
        "ssl.truststore.location");
    assertRefused(null, "check that it runs at this address, and whether it wants TLS or SASL");
    Path unset = kafka.config("late", "${env:NOT_SET_ANYWHERE}", "ca.pem");
    assertRefused(unset.toString(), "environment variable NOT_SET_ANYWHERE is not set");
    Path own = directory.resolve("own.properties");
    Files.writeString(own, "acks=1\n");
    assertRefused(own.toString(), "acks is set by Heed, remove it");
    assertRefused(directory.resolve("none").toString(), "no such file");
  }

  private static void assertRefused(String config, String... parts) {
    long began = System.nanoTime();
    List<Object> args =
        new ArrayList<>(List.of("apply", "../../experiment-config", "--kafka", kafka.servers()));
    if (config != null) {
      args.addAll(List.of("--kafka-config", config));
    }
    String[] result = run(args.toArray());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
    assertThat(result[1].lines().filter(line -> line.startsWith("heed: ")))
        .singleElement()
        .asString()
        .contains(parts);
  }

  /** What a command wrote to standard output and to standard error. */
  private static String[] run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    var heed = Heed.commandLine();
    heed.setOut(new PrintWriter(out, true));
    heed.setErr(new PrintWriter(err, true));
    heed.execute(Stream.of(args).map(Object::toString).toArray(String[]::new));
    return new String[] {out.toString(), err.toString()};
  }

  /** What a command of kafka-acls grants. */
  private static List<AclBinding> bindings(String command) {
    Matcher acl = ACL.matcher(command);
    assertThat(acl.matches()).as(command).isTrue();
    ResourcePattern resource =
        new ResourcePattern(
            acl.group(3).equals("topic") ? ResourceType.TOPIC : ResourceType.GROUP,
            acl.group(4),
            acl.group(5) == null ? PatternType.LITERAL : PatternType.PREFIXED);
    return Stream.of(acl.group(2).replace("--operation", "").strip().split("\\s+"))
        .map(AclOperation::fromString)
        .map(operation -> new AclBinding(resource, entry(acl.group(1), operation)))
        .toList();
  }

  private static AclBinding binding(ResourcePattern resource, AclOperation operation) {
    return new AclBinding(resource, entry("User:poor", operation));
  }

  private static ResourcePattern topic(String name) {
    return new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL);
  }

  private static AccessControlEntry entry(String principal, AclOperation operation) {
    return new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW);
  }

  private static void mayCreateTopics(String user) throws Exception {
    grant("User:" + user, ResourceType.CLUSTER, "kafka-cluster", AclOperation.CREATE);
    grant("User:" + user, ResourceType.TOPIC, "*", AclOperation.DESCRIBE);
  }

  private static void grant(
      String principal, ResourceType type, String name, AclOperation operation) throws Exception {
    kafka
        .admin
        .createAcls(
            List.of(
                new AclBinding(
                    new ResourcePattern(type, name, PatternType.LITERAL),
                    entry(principal, operation))))
        .all()
        .get();
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Access control lists take effect a moment after they are acknowledged. */
  private static void await(Step step) {
    Awaitility.await().atMost(2, TimeUnit.MINUTES).untilAsserted(step::run);
  }

  /** Sends as a sending system with its own user does, and waits for the verdict. */
  private static SendVerdict verdict(KafkaCluster sender) throws Exception {
    long now = System.currentTimeMillis();
    JsonCodec<SendVerdict> codec = JsonCodec.of(SendVerdict.class);
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                sender.client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                sender.client(Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      publish(producer, Topic.SEND, send(now));
      publish(producer, Topic.SEND_REQUEST, request(now));
      var partitions =
          consumer.partitionsFor(Topic.SEND_VERDICT.baseName()).stream()
              .map(i -> new TopicPartition(i.topic(), i.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (System.nanoTime() < until) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          SendVerdict verdict = codec.read(record.value());
          assertThat(verdict.verdict()).isIn((Object[]) Verdict.values());
          return verdict;
        }
      }
      return null;
    }
  }

  private static Send send(long now) {
    return new Send(
        "s1",
        now,
        "+12125550100",
        "m1",
        "spring",
        "deals",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "att",
        "US-NY",
        null,
        1,
        7_900L,
        null,
        null);
  }

  private static SendRequest request(long now) {
    return new SendRequest(
        "q1",
        now,
        "+12125550100",
        "request-1",
        "spring",
        "deals",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "US-NY",
        null,
        null);
  }

  @SuppressWarnings("unchecked")
  private static void publish(KafkaProducer<byte[], byte[]> producer, Topic topic, Event event)
      throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                topic.baseName(),
                event.recipientId().getBytes(StandardCharsets.UTF_8),
                ((JsonCodec<Event>) JsonCodec.of(topic.type())).write(event)))
        .get();
  }

  private static long records(Topic topic) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < JobOptions.DEFAULTS.partitions(); partition++) {
      ends.put(new TopicPartition(topic.baseName(), partition), OffsetSpec.latest());
    }
    return kafka.admin.listOffsets(ends).all().get().values().stream()
        .mapToLong(end -> end.offset())
        .sum();
  }

  /** Every file below a directory as text. What runs below it deletes files while it is read. */
  private static List<String> texts(Path data) throws IOException {
    List<String> texts = new ArrayList<>();
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
            if (is.isRegularFile()) {
              try {
                texts.add(Files.readString(file, StandardCharsets.ISO_8859_1));
              } catch (NoSuchFileException e) {
                return visitFileFailed(file, e);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            return e == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, e);
          }
        });
    return texts;
  }

  private static List<String> pages(String flink) throws Exception {
    List<String> pages = new ArrayList<>();
    pages.add(page(flink + "/jobmanager/config"));
    pages.add(page(flink + "/jobmanager/logs"));
    pages.add(page(flink + "/jobs/overview"));
    Matcher id = Pattern.compile("\"jid\":\"(\\w+)\"").matcher(pages.get(2));
    while (id.find()) {
      pages.add(page(flink + "/jobs/" + id.group(1)));
      pages.add(page(flink + "/jobs/" + id.group(1) + "/config"));
      pages.add(page(flink + "/jobs/" + id.group(1) + "/plan"));
    }
    return pages;
  }

  private static String page(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }
}
