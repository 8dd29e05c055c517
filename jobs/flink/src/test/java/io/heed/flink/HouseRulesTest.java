package io.heed.flink;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.JavaConstructor.CONSTRUCTOR_NAME;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.heed.flink.streaming.Background;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the house that a compiler cannot check. */
class HouseRulesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.heed");

  @Test
  void whatDecidesKnowsNeitherFlinkNorKafka() {
    noClasses()
        .that()
        .resideInAPackage("io.heed.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "com.clickhouse..")
        .check(CLASSES);
  }

  @Test
  void noJobReachesIntoAnother() {
    slices()
        .matching("io.heed.flink.(*)..")
        .should()
        .notDependOnEachOther()
        .ignoreDependency(
            DescribedPredicate.alwaysTrue(),
            JavaClass.Predicates.resideInAPackage("io.heed.flink.streaming.."))
        .check(CLASSES);
  }

  @Test
  void whatJobsShareKnowsNoJob() {
    noClasses()
        .that()
        .resideInAPackage("io.heed.flink.streaming..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage("io.heed.flink..")
                .and(
                    DescribedPredicate.not(
                        JavaClass.Predicates.resideInAPackage("io.heed.flink.streaming.."))))
        .check(CLASSES);
  }

  @Test
  void onlyTheWarehouseKnowsTheDatabase() {
    classes()
        .that()
        .resideOutsideOfPackage("io.heed.flink.warehouse..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("java.sql..", "javax.sql..", "com.clickhouse..")
        .check(CLASSES);
  }

  /** A thread that ends of an error without the task's knowledge stalls a job for good. */
  @Test
  void workBesideATaskIsDoneInOneWay() {
    noClasses()
        .that()
        .resideInAPackage("io.heed.flink..")
        .and()
        .doNotBelongToAnyOf(Background.class)
        .and()
        .haveNameNotMatching(".*(Test|IT|EndsWatch|Repeating)(\\$.*)?")
        .should()
        .callCodeUnitWhere(
            target(owner(assignableTo(Thread.class)))
                .and(target(name(CONSTRUCTOR_NAME)))
                .or(target(owner(type(Executors.class))))
                .or(
                    target(owner(type(CompletableFuture.class)))
                        .and(target(nameMatching(".*Async"))))
                .or(target(owner(assignableTo(Timer.class)))))
        .check(CLASSES);
  }

  /** They fail for more than 65,535 bytes: one long id would stop a job for good. */
  @Test
  void nobodyWritesTextsThatMayBeTooLong() throws IOException {
    Pattern refused = Pattern.compile("\\.(writeUTF|readUTF)\\(");
    for (Path source : mainSources()) {
      assertThat(refused.matcher(Files.readString(source)).find()).as("%s", source).isFalse();
    }
  }

  @Test
  void noTwoClassesHaveOneName() throws IOException {
    Map<Path, List<Path>> byName =
        mainSources().stream()
            .filter(source -> !source.endsWith("package-info.java"))
            .collect(Collectors.groupingBy(Path::getFileName));
    assertThat(byName).allSatisfy((name, sources) -> assertThat(sources).hasSize(1));
  }

  /** A longer one has a second job, which is a class of its own. */
  @Test
  void noFileIsLongerThanOneJobNeeds() throws IOException {
    for (Path source : mainSources()) {
      assertThat(Files.readAllLines(source)).as("%s", source).hasSizeLessThanOrEqualTo(500);
    }
  }

  private static List<Path> mainSources() throws IOException {
    Path root = Path.of("../..").toRealPath();
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> root.relativize(file).toString().contains("src/main/"))
              .toList();
      assertThat(sources).hasSizeGreaterThan(300);
      return sources;
    }
  }

  @Test
  void noFilesDependOnEachOtherInACircle() throws IOException {
    Set<String> ours =
        mainSources().stream()
            .map(source -> source.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    Map<String, Set<String>> uses = new TreeMap<>();
    for (JavaClass each : CLASSES) {
      if (ours.contains(file(each))) {
        uses.computeIfAbsent(file(each), file -> new TreeSet<>())
            .addAll(
                each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith("io.heed"))
                    .map(HouseRulesTest::file)
                    .filter(file -> !file.equals(file(each)))
                    .toList());
      }
    }
    Map<String, Set<String>> reached = new TreeMap<>();
    uses.keySet()
        .forEach(file -> reach(file, uses, reached.computeIfAbsent(file, f -> new TreeSet<>())));
    Set<Set<String>> circles = new HashSet<>();
    reached.forEach(
        (file, all) -> {
          if (all.contains(file)) {
            circles.add(
                all.stream()
                    .filter(other -> reached.get(other).contains(file))
                    .collect(Collectors.toCollection(TreeSet::new)));
          }
        });
    assertThat(uses).hasSizeGreaterThan(300);
    assertThat(circles).isEmpty();
  }

  private static void reach(String file, Map<String, Set<String>> uses, Set<String> reached) {
    for (String used : uses.getOrDefault(file, Set.of())) {
      if (reached.add(used)) {
        reach(used, uses, reached);
      }
    }
  }

  /** Names of files occur once. */
  private static String file(JavaClass any) {
    JavaClass outer = any;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer.getSimpleName();
  }

  static Stream<String> jobs() {
    return Jobs.all().keySet().stream();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("jobs")
  void everyOperatorHasAUidOfItsOwn(String job) throws Exception {
    StreamGraph graph = Jobs.graph(job, JobOptions.DEFAULTS, new Configuration());
    Set<String> uids = new HashSet<>();
    for (StreamNode node : graph.getStreamNodes()) {
      assertThat(node.getTransformationUID()).as("uid of %s", node.getOperatorName()).isNotNull();
      assertThat(uids.add(node.getTransformationUID()))
          .as("uid %s is given once", node.getTransformationUID())
          .isTrue();
    }
    assertThat(uids).isNotEmpty();
  }
}
