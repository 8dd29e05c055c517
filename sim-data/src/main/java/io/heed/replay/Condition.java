package io.heed.replay;

import io.heed.core.config.ConfigNode;
import java.util.List;
import java.util.Set;

/**
 * Holds where a name stands for one of these texts; or for none of them, if {@code negated}.
 *
 * @param slot of the name
 */
record Condition(int slot, Set<String> texts, boolean negated) {

  /** All conditions of a {@code when}, which must hold together. */
  static List<Condition> read(ConfigNode node, Names names) {
    return node.names().stream().map(name -> read(name, node.required(name), names)).toList();
  }

  private static Condition read(String name, ConfigNode node, Names names) {
    int slot = names.slot(name, node);
    if (!node.isObject()) {
      return new Condition(slot, texts(node), false);
    }
    if (node.has("present")) {
      return new Condition(slot, Set.of(""), node.required("present").bool());
    }
    return new Condition(slot, texts(node.required("not")), true);
  }

  private static Set<String> texts(ConfigNode node) {
    return Set.copyOf(node.isList() ? node.list(ConfigNode::text) : List.of(node.text()));
  }

  boolean holds(Scope scope) {
    return texts.contains(scope.texts[slot]) != negated;
  }
}
