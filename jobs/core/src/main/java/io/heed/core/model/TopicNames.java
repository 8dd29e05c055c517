package io.heed.core.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names of the topics in one deployment: every name takes the deployment's prefix. */
public final class TopicNames {
  private final String prefix;
  private final List<String> names;
  private final Map<String, Topic> byName;

  public TopicNames(String prefix) {
    this.prefix = Objects.requireNonNull(prefix);
    this.names = Arrays.stream(Topic.values()).map(each -> prefix + each.baseName()).toList();
    this.byName =
        Arrays.stream(Topic.values()).collect(Collectors.toMap(this::of, Function.identity()));
  }

  public String of(Topic topic) {
    return names.get(topic.ordinal());
  }

  public List<String> of(Collection<Topic> topics) {
    return topics.stream().map(this::of).toList();
  }

  /**
   * The topic of that name.
   *
   * @throws IllegalArgumentException if the deployment has no such topic
   */
  public Topic topic(String name) {
    Topic topic = byName.get(name);
    if (topic == null) {
      throw new IllegalArgumentException(
          name + " is not a topic of Heed with prefix '" + prefix + "'");
    }
    return topic;
  }
}
