package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.config.ConfigException;
import io.heed.sim.Scenario.IncidentKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenariosTest {
  static Stream<String> shipped() {
    return Scenarios.SHIPPED.stream();
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void whatIsShippedIsRight(String name) {
    assertThat(Scenarios.shipped(name).id()).isEqualTo(name);
  }

  @Test
  void whatIsLeftOutIsAsInTheDefault() throws ConfigException {
    Scenario base = Scenarios.shipped("default");
    Scenario read =
        Scenarios.read(
            "x.yaml",
            """
            id: x
            recipients: 12
            incidents:
              - {kind: carrier-outage, target: att, starts: 2d, lasts: 3h}
            """,
            base);
    assertThat(read.recipients()).isEqualTo(12);
    assertThat(read.campaigns()).isEqualTo(base.campaigns());
    assertThat(read.incidents())
        .containsExactly(
            new Scenario.Incident(
                IncidentKind.CARRIER_OUTAGE, "att", Duration.ofDays(2), Duration.ofHours(3), 1));
  }

  @Test
  void mistakesHaveFileLineAndField(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        id: mine
        recipients: -1
        campaigns:
          - {id: a, list: deals, category: PROMOTION}
        rates: 3
        """);
    assertThatThrownBy(() -> Scenarios.load(file.toString()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("mine.yaml:2: recipients:")
        .hasMessageContaining("mine.yaml:4: campaigns[0].category: 'PROMOTION'")
        .hasMessageContaining("mine.yaml:5: rates: unknown field");
  }

  @Test
  void namesMustBeKnown() {
    assertThatThrownBy(
            () ->
                Scenarios.read(
                    "x.yaml",
                    """
                    id: x
                    campaigns:
                      - {id: a, list: nobody, category: PROMOTIONAL}
                    experiments: []
                    """,
                    Scenarios.shipped("default")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("campaign a: list nobody is not defined");
  }
}
