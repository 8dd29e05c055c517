package io.heed.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.text.TextCheck.Finding;
import io.heed.core.text.TextCheck.Severity;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextCheckTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          en | Example Shop: 20% off today. Reply STOP to end
          en | Example Shop: sale! Txt STOP 2 opt out
          en | Example Shop: new in. STOP to opt out
          en | Example Shop: new in. STOP=end
          en | Example Shop: new in. Text back unsubscribe
          es | Example Shop: rebajas hoy. Responde BAJA para salir
          es | Example Shop: rebajas. STOP para cancelar
          pt | Example Shop: oferta. Envie SAIR para cancelar
          fr | Example Shop : soldes. STOP au 36180
          fr | Example Shop : soldes. Repondez STOP
          de | Example Shop: Angebote. Abmelden mit STOPP
          it | Example Shop: saldi. Rispondi STOP
          nl | Example Shop: korting. Stuur STOP
          pl | Example Shop: rabat. Odpisz STOP
          """)
  void textsThatAreRight(String language, String text) {
    assertThat(TextCheck.of(text, "Example Shop", language)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Example Shop: 20% off today | no opt-out instruction
          Example Shop: stop by today, our store is open | no opt-out instruction
          Example Shop: reply BANANA to leave | reply "BANANA", which is not recognised
          20% off today. Reply STOP to end | the sender is not named: "Example Shop"
          Example Shop: https://bit.ly/3x Reply STOP to end | bit.ly is a public link shortener
          Example Shop: see www.TinyURL.com. Reply STOP to end | tinyurl.com is a public link shortener
          """)
  void errors(String text, String message) {
    assertThat(TextCheck.of(text, "Example Shop", "en"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.ERROR);
              assertThat(finding.message()).contains(message);
            });
  }

  @Test
  void charactersThatMakeATextUcs2AreNamedWithTheirPlacesAndWhatWouldDo() {
    List<Finding> findings =
        TextCheck.of("Shop’s sale – it’s on \uD83D\uDE00. Reply STOP to end", null, "en");

    assertThat(findings).extracting(Finding::severity).containsOnly(Severity.WARNING);
    assertThat(findings)
        .extracting(Finding::message)
        .satisfiesExactly(
            m ->
                assertThat(m).startsWith("’ (U+2019, character 5, 17) ").endsWith("\"'\" would do"),
            m -> assertThat(m).startsWith("– (U+2013, character 13) ").endsWith("\"-\" would do"),
            m -> assertThat(m).startsWith("\uD83D\uDE00 (U+1F600, character 23) "));
  }

  @Test
  void anInstructionInAnotherLanguageIsAWarning() {
    assertThat(TextCheck.of("Rebajas hoy. Reply STOP to end", null, "es"))
        .singleElement()
        .extracting(Finding::message)
        .isEqualTo("the opt-out instruction is in another language (en) than the text (es)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{first_name}}", "*|FNAME|*", "{% name %}", "%%name%%", "[[name]]"})
  void aPlaceholderChangesTheLength(String placeholder) {
    assertThat(TextCheck.of("Hi " + placeholder + ", sale. Reply STOP to end", null, "en"))
        .anySatisfy(finding -> assertThat(finding.message()).startsWith(placeholder));
  }

  @Test
  void anOwnShortDomainIsFine() {
    assertThat(TextCheck.of("See exmpl.co/a and rabbit.ly/b. Reply STOP to end", null, "en"))
        .isEmpty();
  }

  @Property
  void anyTextIsChecked(@ForAll String text) {
    assertThat(TextCheck.of(text, null, "en")).isNotNull();
  }
}
