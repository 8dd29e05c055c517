package io.heed.core.config;

/**
 * One kind of configuration document: where its files lie, and what they are parsed into.
 *
 * @param name the kind on {@code sms.config}, such as {@code experiment}
 * @param glob its files relative to the configuration directory, such as {@code experiments/*.yaml}
 * @param parser checks and reads a document
 * @param <T> what a document is parsed into
 */
public record DocumentKind<T extends Document>(
    String name, String glob, EffectiveVersions.Parser<T> parser) {}
