package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Mistakes that are found before anything is connected. */
class WebhooksCommandTest {
  @TempDir private Path directory;
  private Path key;
  private Path empty;

  @BeforeEach
  void makeFiles() throws Exception {
    key = Files.writeString(directory.resolve("key"), "token\n");
    empty = Files.writeString(directory.resolve("empty"), "\n\n");
  }

  @Test
  void everyMistakeIsOneLineThatNamesItsOption() {
    assertThat(run()).startsWith("no vendor: give one of --twilio-tokens");
    assertThat(run("--twilio-tokens", key)).startsWith("--twilio-tokens: needs --public-url");
    assertThat(run("--telnyx-keys", key)).contains("key: no Ed25519 public key");
    assertThat(run("--bandwidth-credentials", key)).contains("USER:PASSWORD");
    assertThat(run("--infobip-credentials", empty)).contains("empty: the file is empty");
    assertThat(run("--infobip-credentials", directory.resolve("no")))
        .contains("--infobip-credentials", "no such file");
    String[] valid = {"--public-url", "https://a", "--twilio-tokens", key.toString()};
    assertThat(run(valid, "--listen", "8085")).contains("--listen 8085: HOST:PORT is needed");
    assertThat(run(valid, "--listen", "a:99999")).contains("HOST:PORT is needed");
    assertThat(run(valid, "--listen", "no host:1")).contains("there is no such host");
    assertThat(run(valid, "--pseudonym-key", key.toString()))
        .contains("key: a key of 5 bytes: at least 16 are needed");
    assertThat(run(valid, "--pseudonym-key", directory.resolve("no").toString()))
        .contains("--pseudonym-key", "no: no such file")
        .doesNotContain("Exception");
    assertThat(run(valid, "--metrics-port", "65536"))
        .startsWith("--metrics-port 65536: 0 to 65535 is allowed");
    assertThat(run(valid, "--kafka", "127.0.0.1:1")).contains("127.0.0.1:1");
  }

  private static String run(String[] valid, String... more) {
    Object[] all = new Object[valid.length + more.length];
    System.arraycopy(valid, 0, all, 0, valid.length);
    System.arraycopy(more, 0, all, valid.length, more.length);
    return run(all);
  }

  private static String run(Object... options) {
    String[] args = new String[options.length + 1];
    args[0] = "webhooks";
    for (int i = 0; i < options.length; i++) {
      args[i + 1] = options[i].toString();
    }
    StringWriter err = new StringWriter();
    CommandLine heed = Heed.commandLine();
    heed.setErr(new PrintWriter(err, true));
    assertThat(heed.execute(args)).as(err.toString()).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1);
    return err.toString().replaceFirst("^heed: ", "");
  }
}
