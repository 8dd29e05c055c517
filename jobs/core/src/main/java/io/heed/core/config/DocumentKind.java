package io.heed.core.config;

import io.heed.core.model.ConfigVersion;
import java.time.Instant;
import java.util.List;

/**
 * One kind of configuration document: where its files lie, what they are parsed into, and what may
 * follow what.
 *
 * @param name the kind on {@code sms.config}, such as {@code experiment}
 * @param glob its files relative to the configuration directory, such as {@code experiments/*.yaml}
 * @param parser checks and reads a document
 * @param transition what of a document may still be changed
 * @param warnings finds what is valid and most likely not meant
 * @param <T> what a document is parsed into
 */
public record DocumentKind<T extends Document>(
    String name,
    String glob,
    EffectiveVersions.Parser<T> parser,
    Transition<T> transition,
    EffectiveVersions.Parser<List<ConfigError>> warnings) {

  /** What of a document may still be changed once a version of it is published. */
  @FunctionalInterface
  public interface Transition<T> {
    /**
     * Why a document may not follow the version before it.
     *
     * @param previous the version that was published last
     * @param since instant from which it holds
     * @param next the document that is to be published
     * @param now instant of the publication
     * @return one line a problem; empty if the document may follow
     */
    List<String> problems(T previous, Instant since, T next, Instant now);
  }

  /** A kind whose documents may be changed at any time. */
  public DocumentKind(String name, String glob, EffectiveVersions.Parser<T> parser) {
    this(name, glob, parser, (previous, since, next, now) -> List.of());
  }

  /** A kind without warnings. */
  public DocumentKind(
      String name, String glob, EffectiveVersions.Parser<T> parser, Transition<T> transition) {
    this(name, glob, parser, transition, (file, text) -> List.of());
  }

  /**
   * Why a text may not follow the version before it.
   *
   * @return one line a problem; empty if it may
   * @throws ConfigException if one of them is no document of this kind
   */
  public List<String> refusals(ConfigVersion previous, String text, Instant now)
      throws ConfigException {
    return transition.problems(
        parser.parse(previous.key(), previous.document()),
        Instant.ofEpochMilli(previous.effectiveFrom()),
        parser.parse(name, text),
        now);
  }
}
