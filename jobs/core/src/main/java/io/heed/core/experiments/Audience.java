package io.heed.core.experiments;

import java.util.Collection;
import java.util.Set;

/**
 * Whose requests take part.
 *
 * @param lists any of these lists; empty for all
 * @param tags all of these tags; empty for none needed
 */
public record Audience(Set<String> lists, Set<String> tags) {
  /** Everybody. */
  public static final Audience ALL = new Audience(Set.of(), Set.of());

  /** Copies both. */
  public Audience {
    lists = Set.copyOf(lists);
    tags = Set.copyOf(tags);
  }

  /** Whether there is a list whose messages may take part in both. */
  boolean shareLists(Audience other) {
    return lists.isEmpty()
        || other.lists.isEmpty()
        || lists.stream().anyMatch(other.lists::contains);
  }

  /** Whether a message to that list, with these tags (null for none), takes part. */
  public boolean includes(String listId, Collection<String> messageTags) {
    return (lists.isEmpty() || lists.contains(listId))
        && (tags.isEmpty() || (messageTags != null && messageTags.containsAll(tags)));
  }
}
