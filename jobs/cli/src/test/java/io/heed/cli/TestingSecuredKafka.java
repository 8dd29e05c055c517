package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.awaitility.Awaitility;

/**
 * A broker as a company has it: TLS, SCRAM and access control lists. Its administrator's listener
 * is plain, on loopback.
 */
final class TestingSecuredKafka implements AutoCloseable {
  private static final String STORE_PASSWORD = "changeit";

  private final Path directory;
  private final int port = Ports.free();
  private final int adminPort = Ports.free();
  private final KafkaRaftServer server;
  final Admin admin;

  TestingSecuredKafka(Path directory) throws Exception {
    this.directory = Files.createDirectories(directory);
    keytool(
        "-genkeypair -alias broker -keyalg RSA -dname CN=127.0.0.1 -ext san=ip:127.0.0.1"
            + " -validity 2 -storetype PKCS12 -keystore broker.p12");
    keytool("-exportcert -rfc -alias broker -keystore broker.p12 -file ca.pem");
    Path file = directory.resolve("server.properties");
    Properties properties = properties(Ports.free());
    try (var writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        StorageTool.execute(
            new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
            new PrintStream(output, true, StandardCharsets.UTF_8));
    assertThat(status).as(output.toString(StandardCharsets.UTF_8)).isZero();
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server.startup();
    admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + adminPort));
  }

  /** Bootstrap servers for users. */
  String servers() {
    return "127.0.0.1:" + port;
  }

  /** Adds a user; returns the file of client properties with a reference to the password's file. */
  Path user(String name, String password) throws Exception {
    admin
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    name, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password)))
        .all()
        .get();
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> admin.describeUserScramCredentials(List.of(name)).users().get().contains(name));
    Path secret = directory.resolve(name + ".secret");
    Files.writeString(secret, "password=" + password + "\n");
    return config(name, "${file:" + secret + ":password}", "ca.pem");
  }

  /** A file of client properties. */
  Path config(String name, String password, String ca) throws IOException {
    Path file = Files.createTempFile(directory, name, ".properties");
    Files.writeString(
        file,
        """
        security.protocol=SASL_SSL
        sasl.mechanism=SCRAM-SHA-512
        sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
        username="%s" password="%s";
        ssl.truststore.type=PEM
        ssl.truststore.location=%s
        """
            .formatted(name, password, directory.resolve(ca)));
    return file;
  }

  /** A certificate that has nothing to do with the broker's. */
  String foreignCertificate() throws Exception {
    keytool(
        "-genkeypair -alias other -keyalg RSA -dname CN=other -validity 2 -storetype PKCS12"
            + " -keystore other.p12");
    keytool("-exportcert -rfc -alias other -keystore other.p12 -file other.pem");
    return "other.pem";
  }

  private Properties properties(int controllerPort) throws IOException {
    Properties properties = new Properties();
    try (InputStream resource = LocalStack.class.getResourceAsStream("kafka.properties")) {
      properties.load(resource);
    }
    properties.put("log.dirs", directory.resolve("data").toString());
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.put(
        "listeners",
        "SASL_SSL://127.0.0.1:%d,ADMIN://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(port, adminPort, controllerPort));
    properties.put(
        "listener.security.protocol.map", "SASL_SSL:SASL_SSL,ADMIN:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("inter.broker.listener.name", "ADMIN");
    properties.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    properties.put(
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    properties.put("ssl.keystore.location", directory.resolve("broker.p12").toString());
    properties.put("ssl.keystore.password", STORE_PASSWORD);
    properties.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    properties.put("super.users", "User:ANONYMOUS");
    return properties;
  }

  private void keytool(String arguments) throws Exception {
    TestingTlsProxy.keytool(directory, arguments);
  }

  @Override
  public void close() {
    admin.close();
    server.shutdown();
    server.awaitShutdown();
  }
}
