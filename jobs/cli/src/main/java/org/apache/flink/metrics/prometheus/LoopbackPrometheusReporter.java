package org.apache.flink.metrics.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.heed.preview.LocalRequests;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Flink's Prometheus reporter on loopback alone, and not for pages of other sites. {@link
 * PrometheusReporter} listens on every interface and has no option against it; the registry it
 * serves is visible in this package only, which is why this class lies here.
 */
public final class LoopbackPrometheusReporter extends AbstractPrometheusReporter {
  private final HttpServer server;

  private LoopbackPrometheusReporter(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::serve).getFilters().add(LocalRequests.filter());
    server.start();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange;
        Writer text = new StringWriter()) {
      TextFormat.write004(text, registry.metricFamilySamples());
      byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", TextFormat.CONTENT_TYPE_004);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
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
