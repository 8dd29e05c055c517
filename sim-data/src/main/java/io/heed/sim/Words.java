package io.heed.sim;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What people write, by language, and the clients that open links; from {@code words.yaml}.
 *
 * @param keywords bare opt-outs, which vendors recognise, too
 * @param optOuts opt-outs in human words
 * @param chatter anything else
 * @param help calls for help, in any language
 * @param start wishes to resume, in any language
 * @param phones user agents of people
 * @param scanners user agents of machines
 */
record Words(
    Map<String, List<String>> keywords,
    Map<String, List<String>> optOuts,
    Map<String, List<String>> chatter,
    List<String> help,
    List<String> start,
    List<String> phones,
    List<String> scanners) {
  static final Words STANDARD = read();

  private static Words read() {
    try (InputStream in = Words.class.getResourceAsStream("words.yaml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigReader.read(
          "words.yaml",
          text,
          root ->
              new Words(
                  root.required("keywords").map(Words::texts),
                  root.required("opt_outs").map(Words::texts),
                  root.required("chatter").map(Words::texts),
                  texts(root.required("help")),
                  texts(root.required("start")),
                  texts(root.required("phones")),
                  texts(root.required("scanners"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(ConfigNode node) {
    return node.list(ConfigNode::text);
  }

  /** The texts of a language; English for a language that has none. */
  static List<String> in(String language, Map<String, List<String>> texts) {
    return texts.getOrDefault(language, texts.get("en"));
  }
}
