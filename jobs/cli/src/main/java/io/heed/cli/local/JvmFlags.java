package io.heed.cli.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/** What a JVM with Flink in it must be given, as the root pom defines it. */
public final class JvmFlags {
  private JvmFlags() {}

  /** The packages that Flink needs to be open. */
  public static List<String> flink() {
    Properties properties = new Properties();
    try (InputStream resource = JvmFlags.class.getResourceAsStream("jvm.properties")) {
      properties.load(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of(properties.getProperty("flags").split(" "));
  }
}
