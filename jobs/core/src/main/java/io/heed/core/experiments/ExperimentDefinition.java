package io.heed.core.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Field;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What pages show of an experiment before anything is evaluated: one version of its file, read,
 * with the limits at which the test ends at the latest. A record of the warehouse, of no topic.
 */
public record ExperimentDefinition(
    @Field("Experiment.") String experimentId,
    @Field("Version of the file.") String configHash,
    @Field("Instant from which the version holds, epoch milliseconds UTC.") long effectiveFrom,
    @Field("Instant of publication, epoch milliseconds UTC.") long publishedAt,
    @Field("Who is responsible for it.") String owner,
    @Field(value = "What is believed.", max = Field.LONG_TEXT) String hypothesis,
    @Field("Exposures count from here, epoch milliseconds UTC.") long startsAt,
    @Field(
            value =
                "When its last unit has matured, epoch milliseconds UTC; absent without an end.",
            optional = true)
        Long expiresAt,
    @Field("Name of the metric that decides.") String primaryMetric,
    @Field("How it collects and decides, as in files.") String design,
    @Field("Matured recipients of the competing arms at which it ends.") long limitRecipients,
    @Field(value = "Arms that can win.", items = 50) List<String> competing,
    @Field(value = "Lists whose requests take part; none for all.", items = 1_000)
        List<String> lists) {

  /** The definition in a version; empty for other kinds of documents and for what is unreadable. */
  public static Optional<ExperimentDefinition> of(ConfigVersion version) {
    if (!version.kind().equals(ExperimentReader.KIND.name())) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(version, ExperimentReader.parse(version.key(), version.document())));
    } catch (ConfigException e) {
      return Optional.empty();
    }
  }

  private static ExperimentDefinition of(ConfigVersion version, ExperimentConfig config) {
    long expires = ExperimentPlan.of(config, version.configHash()).expiresAt();
    List<String> arms = config.arms();
    return new ExperimentDefinition(
        config.id(),
        version.configHash(),
        version.effectiveFrom(),
        version.publishedAt(),
        config.owner(),
        config.hypothesis(),
        config.start().toEpochMilli(),
        expires == Long.MAX_VALUE ? null : (Long) expires,
        config.primaryMetric().name(),
        config.design().fileName(),
        limit(config),
        IntStream.range(0, arms.size()).filter(config::competes).mapToObj(arms::get).toList(),
        config.audience().lists().stream().sorted().toList());
  }

  private static long limit(ExperimentConfig config) {
    double size =
        config.design() instanceof Design.PlannedList list
            ? list.plannedRecipients() * config.competingShare()
            : config.horizonSize();
    return (long) Math.ceil(Math.min(size, Field.SAFE_INTEGER));
  }
}
