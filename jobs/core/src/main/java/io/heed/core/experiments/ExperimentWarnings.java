package io.heed.core.experiments;

import io.heed.core.config.ConfigNode;

/** What an experiment's file says that is valid and most likely not meant. */
final class ExperimentWarnings {
  private ExperimentWarnings() {}

  static void add(ConfigNode root, ExperimentConfig config) {
    if (config.equivalenceMargin() > config.minimumEffect()) {
      root.required("equivalence_margin")
          .warning("is wider than minimum_effect: a difference that matters would count as none");
    }
    if (config.nonInferiorityMargin() > config.minimumEffect()) {
      root.required("primary_metric")
          .required("margin")
          .warning("is wider than minimum_effect: a loss that matters would count as none");
    }
    if (config.controlArm() == config.holdoutArm()
        && config.primaryMetric().event() == MetricEvent.CLICK) {
      root.required("primary_metric")
          .warning(
              "the control gets no message and so no link: every message wins clicks. Judge by"
                  + " conversion, or report visits of all arms without a message_id");
    }
    if (config.design() instanceof Design.PlannedList list) {
      double needed = config.neededOf(list);
      if (list.plannedRecipients() < needed) {
        root.required("design")
            .warning(
                "the test has %,.0f recipients, but needs %,.0f for power %s"
                    .formatted(list.plannedRecipients(), needed, config.power()));
      }
    }
  }
}
