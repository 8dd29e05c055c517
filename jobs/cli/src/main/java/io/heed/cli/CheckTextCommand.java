package io.heed.cli;

import io.heed.core.text.Segments;
import io.heed.core.text.TextCheck;
import io.heed.core.text.TextCheck.Finding;
import io.heed.core.text.TextCheck.Severity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed check-text}: what is wrong with a text before it is sent. */
@Command(
    name = "check-text",
    description = {
      "Checks the text of a promotional message: encoding, segments and the characters that make it",
      "expensive, opt-out instruction, sender, links that carriers filter. Exit code 1 on an error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed check-text --sender \"Example Shop\" \"Example Shop: 20 %% off today. Reply STOP to end\"",
      "  ./heed check-text --language es --file text.txt"
    })
final class CheckTextCommand implements Callable<Integer> {
  @Parameters(paramLabel = "TEXT", arity = "0..1", description = "The text.")
  private String text;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "The file that holds the text, UTF-8; - is standard input.")
  private Path file;

  /** For messages. */
  static final class Languages implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return TextCheck.languages().iterator();
    }
  }

  @Option(
      names = "--sender",
      paramLabel = "NAME",
      description = "The name that people know the sender by; the text has to have it.")
  private String sender;

  @Option(
      names = "--language",
      paramLabel = "CODE",
      defaultValue = "en",
      completionCandidates = Languages.class,
      description = "Language of the text: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String language;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!TextCheck.languages().contains(language)) {
      throw new UserError(
          "--language %s: allowed are %s"
              .formatted(language, String.join(", ", TextCheck.languages())));
    }
    if ((text == null) == (file == null)) {
      throw new UserError("one of TEXT and --file is needed");
    }
    String checked = file == null ? text : read();
    Segments segments = Segments.of(checked);
    List<Finding> findings = TextCheck.of(checked, sender, language);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s, %d of %d units, %d %s%n",
        segments.encoding(),
        segments.units(),
        segments.encoding().capacity(segments.segments()),
        segments.segments(),
        segments.segments() == 1 ? "segment" : "segments");
    for (Finding finding : findings) {
      out.printf(
          "%-8s %s%n", finding.severity().name().toLowerCase(Locale.ROOT), finding.message());
    }
    if (sender == null) {
      out.println("note     whether the sender is named was not checked: give --sender");
    }
    return findings.stream().anyMatch(f -> f.severity() == Severity.ERROR) ? 1 : 0;
  }

  private String read() {
    try {
      byte[] bytes =
          file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
      // The line break that ends a file is not part of the text.
      return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
    } catch (IOException e) {
      throw UserError.of("--file " + file, e);
    }
  }
}
