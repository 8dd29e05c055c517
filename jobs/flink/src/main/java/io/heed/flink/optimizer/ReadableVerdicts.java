package io.heed.flink.optimizer;

import io.heed.core.model.SendVerdict;
import io.heed.flink.streaming.Input;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/** The verdicts in which chance had a part. */
final class ReadableVerdicts implements FlatMapFunction<Input, SendVerdict> {
  private static final long serialVersionUID = 1L;

  @Override
  public void flatMap(Input input, Collector<SendVerdict> out) {
    if (input.content() instanceof SendVerdict verdict
        && !input.late()
        && verdict.propensity() != null) {
      out.collect(verdict);
    }
  }
}
