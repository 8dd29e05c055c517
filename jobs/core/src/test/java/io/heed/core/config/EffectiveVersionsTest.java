package io.heed.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.ConfigVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class EffectiveVersionsTest {
  private final EffectiveVersions<String> versions =
      new EffectiveVersions<>("policy", EffectiveVersionsTest::parse);

  @Test
  void theVersionThatHeldAtAnInstantIsChosenWhateverTheOrderOfArrival() throws ConfigException {
    versions.add(version("policy", "a", 200, 5, "second"));
    versions.add(version("policy", "a", 100, 9, "first"));
    assertThat(versions.at("a", 99)).isEmpty();
    assertThat(versions.at("a", 100)).contains("first");
    assertThat(versions.at("a", 199)).contains("first");
    assertThat(versions.at("a", 200)).contains("second");
    assertThat(versions.at("b", 200)).isEmpty();
  }

  @Test
  void ofTwoVersionsFromOneInstantTheLaterPublishedHolds() throws ConfigException {
    versions.add(version("policy", "a", 100, 9, "corrected"));
    versions.add(version("policy", "a", 100, 5, "mistaken"));
    assertThat(versions.at("a", 100)).contains("corrected");
  }

  @Test
  void aWrongDocumentChangesNothingAndOneOfAnotherKindIsIgnored() throws ConfigException {
    versions.add(version("policy", "a", 100, 1, "good"));
    versions.add(version("experiment", "a", 150, 2, "bad"));
    ConfigVersion bad = version("policy", "a", 200, 3, "bad");
    assertThatThrownBy(() -> versions.add(bad)).isInstanceOf(ConfigException.class);
    assertThat(versions.at("a", 300)).contains("good");
  }

  private static ConfigVersion version(String kind, String id, long from, long at, String text) {
    return new ConfigVersion(kind, id, "hash-" + text, from, at, text);
  }

  private static String parse(String name, String document) throws ConfigException {
    if (document.equals("bad")) {
      throw new ConfigException(List.of(new ConfigError(name, 1, "", "bad", "good")));
    }
    return document;
  }
}
