package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Flink's Prometheus reporter on loopback alone. {@link PrometheusReporter} listens on every
 * interface and cannot be told otherwise; the registry it serves is visible in this package only,
 * which is why this class lies here.
 */
public final class LoopbackPrometheusReporter extends AbstractPrometheusReporter {
  private final HTTPServer server;

  private LoopbackPrometheusReporter(int port) throws IOException {
    server =
        new HTTPServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), registry);
  }

  @Override
  public void close() {
    server.stop();
    super.close();
  }

  /** Takes one property: {@code port}. */
  public static final class Factory implements MetricReporterFactory {
    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      String port = properties.getProperty("port");
      try {
        return new LoopbackPrometheusReporter(Integer.parseInt(port));
      } catch (IOException e) {
        throw new IllegalStateException("metrics cannot be served on port " + port, e);
      }
    }
  }
}
