package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the script {@code heed} that depend on the platform. */
class HeedScriptTest {
  private static final Path SCRIPT = Path.of("../../heed").toAbsolutePath().normalize();

  @TempDir private Path directory;

  /** With the tools that macOS has, of those that the lock may use. */
  @Test
  void oneBuildAtATimeAlsoWithoutFlock() throws Exception {
    String script =
        function("lock")
            + "PATH=bin; exec 9>lock; lock 9; echo begin >>log; bin/sleep 0.2; echo end >>log";
    Path bin = Files.createDirectory(directory.resolve("bin"));
    for (String tool : List.of("perl", "sleep")) {
      Files.createSymbolicLink(bin.resolve(tool), Path.of("/usr/bin", tool));
    }
    List<Process> builds = List.of(bash(script), bash(script), bash(script));
    for (Process build : builds) {
      assertThat(build.waitFor()).isZero();
    }
    assertThat(directory.resolve("log")).hasContent("begin\nend\nbegin\nend\nbegin\nend");
  }

  @Test
  void linksAreFollowedWithoutTheOptionOfGnu() throws Exception {
    Path target = Files.createFile(Files.createDirectory(directory.resolve("a")).resolve("heed"));
    Files.createSymbolicLink(directory.resolve("absolute"), target);
    Files.createSymbolicLink(directory.resolve("a/relative"), Path.of("../absolute"));
    Process process = bash(function("resolved") + "resolved a/relative >log");
    assertThat(process.waitFor()).isZero();
    assertThat(directory.resolve("log")).hasContent(target.toString());
    assertThat(Files.readString(SCRIPT)).doesNotContain("$(readlink -f", "local -A", "-quit");
  }

  /** npm fetches ClickHouse, which not every command starts; the download has a message itself. */
  @Test
  void onlyTestsNeedNpmBeforehand() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("mvn"), Path.of("/bin/true"));
    String script =
        function("require_tools")
            + "fail() { echo \"$1\"; exit 2; }; JAVA_HOME=x PATH=bin; require_tools >log ";
    assertThat(bash(script).waitFor()).isZero();
    assertThat(bash(script + "test").waitFor()).isEqualTo(2);
    assertThat(directory.resolve("log")).content().contains("missing: npm; on Debian");
  }

  private static String function(String name) throws Exception {
    String text = Files.readString(SCRIPT);
    int start = text.indexOf("\n" + name + "() {");
    return text.substring(start, text.indexOf("\n}\n", start) + 3);
  }

  private Process bash(String script) throws Exception {
    return new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
        .directory(directory.toFile())
        .inheritIO()
        .start();
  }
}
