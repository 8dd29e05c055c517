package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.spec.UpgradeMode;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What deploy/ holds, as far as it can be checked without a cluster and without Docker. */
class DeploymentsTest {
  private static final Path DEPLOY = Path.of("../../deploy");

  /** As envsubst, which Flink's image runs over its configuration, replaces variables. */
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+|\\{\\w+})");

  private static final Pattern REPORTER =
      Pattern.compile(
          "metrics\\.reporter\\.(\\w+)\\.(factory\\.class|interval|port|kafka|kafka-config)");

  static Stream<String> jobs() {
    return Jobs.all().keySet().stream();
  }

  @Test
  void everyJobHasAManifestAndNoOther() throws IOException {
    Set<String> manifests = new TreeSet<>();
    try (Stream<Path> files = Files.list(DEPLOY.resolve("kubernetes"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .forEach(name -> manifests.add(name.replace(".yaml", "")));
    }
    assertThat(manifests).isEqualTo(new TreeSet<>(Jobs.all().keySet()));
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void theOperatorReadsAManifestAndItsJobStarts(String job) throws Exception {
    FlinkDeployment deployment = manifest(job);

    assertThat(deployment.getMetadata().getName()).isEqualTo("heed-" + job);
    assertThat(deployment.getApiVersion()).isEqualTo("flink.apache.org/v1beta1");
    Map<String, String> flink = deployment.getSpec().getFlinkConfiguration();
    assertFlinkReads(flink);
    assertThat(flink)
        .containsEntry("execution.checkpointing.dir", "file:///state/" + job + "/checkpoints")
        .containsEntry("high-availability.storageDir", "file:///state/" + job + "/ha");
    var spec = deployment.getSpec().getJob();
    assertThat(spec.getUpgradeMode()).isEqualTo(UpgradeMode.SAVEPOINT);
    assertThat(Class.forName(spec.getEntryClass())).isEqualTo(Jobs.class);
    assertThat(spec.getArgs()[0]).isEqualTo(job);
    JobOptions options =
        JobOptions.fromArgs(Arrays.copyOfRange(spec.getArgs(), 1, spec.getArgs().length));
    assertThat(options.createsTopics()).isFalse();
    assertThat(options.isParallelismGiven()).isFalse();
    assertThat(options.erasureKey() != null)
        .as("whether it recognises who was erased")
        .isEqualTo(Jobs.rights(job).reads().contains(Topic.ERASURE));
    assertThat(spec.getParallelism()).isLessThanOrEqualTo(options.partitions());

    // What options and configuration name has to be mounted, and the image has the jar there.
    var pod = deployment.getSpec().getPodTemplate().getSpec();
    List<String> mounts = new ArrayList<>();
    pod.getContainers().get(0).getVolumeMounts().forEach(mount -> mounts.add(mount.getMountPath()));
    assertThat(pod.getContainers().get(0).getName()).isEqualTo("flink-main-container");
    List<String> paths = new ArrayList<>(List.of(spec.getArgs()));
    paths.addAll(flink.values());
    assertThat(paths.stream().map(path -> path.replace("file://", "")))
        .filteredOn(path -> path.startsWith("/"))
        .isNotEmpty()
        .allMatch(path -> mounts.stream().anyMatch(mount -> path.startsWith(mount + "/")));
    assertThat(Files.readString(DEPLOY.resolve("Dockerfile")))
        .contains(" " + spec.getJarURI().replace("local://", "") + "\n");
    // The pod's group may write to the volume: Flink's image runs as 9999.
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(9999);
  }

  @Test
  @SuppressWarnings("unchecked")
  void theComposeFileStartsEveryJobWithoutShowingASecret() throws Exception {
    String text = Files.readString(DEPLOY.resolve("compose/compose.yaml"));
    Map<String, Object> compose = yaml(text);
    Map<String, Object> services = (Map<String, Object>) compose.get("services");
    Map<String, Object> jobs = (Map<String, Object>) services.get("jobs");
    // Compose takes two dollar signs for one.
    String script = ((List<String>) jobs.get("command")).get(0).replace("$$", "$");

    Matcher names = Pattern.compile("for job in ([^;]+);").matcher(script);
    assertThat(names.find()).isTrue();
    assertThat(List.of(names.group(1).split(" "))).hasSameElementsAs(Jobs.all().keySet());
    Matcher arguments =
        Pattern.compile("heed-jobs.jar \"\\$job\" ([^;]*)done")
            .matcher(script.replace("\\\n", " ").replace("\n", " "));
    assertThat(arguments.find()).isTrue();
    JobOptions options = JobOptions.fromArgs(arguments.group(1).strip().split("\\s+"));
    assertThat(options.passwordFile()).isEqualTo(Path.of("/run/secrets/clickhouse_password"));
    assertThat(options.erasureKey()).isEqualTo(Path.of("/run/secrets/erasure_key"));
    assertThat((Map<String, Object>) compose.get("secrets"))
        .containsEntry("clickhouse_password", Map.of("environment", "HEED_CLICKHOUSE_PASSWORD"))
        .containsEntry("erasure_key", Map.of("environment", "HEED_ERASURE_KEY"));

    for (String name : List.of("jobmanager", "taskmanager", "jobs")) {
      Map<String, Object> service = merged((Map<String, Object>) services.get(name));
      assertThat((List<String>) service.get("secrets"))
          .contains("clickhouse_password", "erasure_key");
      Map<String, String> environment = (Map<String, String>) service.get("environment");
      assertThat(environment.toString())
          .doesNotContainIgnoringCase("password")
          .doesNotContainIgnoringCase("erasure_key");
      String properties = environment.get("FLINK_PROPERTIES").replace("$$", "$");
      assertThat(VARIABLE.matcher(properties).replaceAll(""))
          .as("what the image's envsubst leaves")
          .isEqualTo(properties);
      assertFlinkReads((Map<String, String>) (Map<?, ?>) texts(yaml(properties)));
    }
    // A volume's mount point belongs to Flink in the image, so the new volume does, too.
    assertThat(text).contains("checkpoints:/checkpoints");
    assertThat(Files.readString(DEPLOY.resolve("Dockerfile")))
        .containsPattern("chown -R flink:flink [^\n]*/checkpoints");
    Matcher mounts = Pattern.compile("- (\\.{1,2}/[^:\\s]+):").matcher(text);
    while (mounts.find()) {
      assertThat(DEPLOY.resolve("compose").resolve(mounts.group(1))).exists();
    }
  }

  /** Every key is an option of this Flink, and every reporter's class can be made by it. */
  private static void assertFlinkReads(Map<String, String> flink) throws Exception {
    Set<String> known = new TreeSet<>();
    for (Class<?> options :
        List.of(
            CheckpointingOptions.class,
            HeartbeatManagerOptions.class,
            HighAvailabilityOptions.class,
            JobManagerOptions.class,
            MetricOptions.class,
            StateBackendOptions.class,
            TaskManagerOptions.class)) {
      for (Field field : options.getFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && field.get(null) instanceof ConfigOption<?> o) {
          known.add(o.key());
        }
      }
    }
    for (Map.Entry<String, String> entry : flink.entrySet()) {
      Matcher reporter = REPORTER.matcher(entry.getKey());
      if (reporter.matches()) {
        assertThat(flink.get("metrics.reporters").split(",")).contains(reporter.group(1));
        if (reporter.group(2).equals("factory.class") && entry.getValue().startsWith("io.heed")) {
          assertThat(Class.forName(entry.getValue())).isAssignableTo(MetricReporterFactory.class);
        }
      } else {
        assertThat(known).contains(entry.getKey());
      }
    }
  }

  private static FlinkDeployment manifest(String job) throws IOException {
    String text = Files.readString(DEPLOY.resolve("kubernetes/" + job + ".yaml"));
    assertThat(text).contains("  flinkVersion: v2_3\n");
    // The newest API that is published ends before this Flink.
    Map<String, Object> known = yaml(text.replace("flinkVersion: v2_3", "flinkVersion: v1_20"));
    return new ObjectMapper()
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .convertValue(known, FlinkDeployment.class);
  }

  /** With what {@code <<} merges in, as Compose reads it. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> merged(Map<String, Object> map) {
    Map<String, Object> all = new TreeMap<>();
    all.putAll((Map<String, Object>) map.getOrDefault("<<", Map.of()));
    all.putAll(map);
    return all;
  }

  private static Map<String, String> texts(Map<String, Object> values) {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((key, value) -> texts.put(key, value.toString()));
    return texts;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> yaml(String text) {
    return (Map<String, Object>)
        new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadFromString(text);
  }
}
