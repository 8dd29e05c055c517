package io.heed.preview;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which HTTP requests a server on loopback takes: those of programs on this machine, and of its own
 * pages. A browser on this machine sends requests of any page that it shows, so these are refused:
 *
 * <ul>
 *   <li>to a name that is not this machine's: a site that lets its own name point here, so that the
 *       browser takes this server for a part of that site (DNS rebinding);
 *   <li>with the {@code Origin} of another site: scripts and forms that change something;
 *   <li>which the browser marks as another site's by {@code Sec-Fetch-Site}: what is loaded as a
 *       script or a picture has no {@code Origin}.
 * </ul>
 */
public final class LocalRequests {
  private static final Pattern THIS_MACHINE =
      Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d{1,5})?");

  private LocalRequests() {}

  /**
   * Why a request is refused, by its headers; a header that it lacks is null.
   *
   * @return empty if it is taken
   */
  public static Optional<String> refusal(String host, String origin, String secFetchSite) {
    if (host == null || !THIS_MACHINE.matcher(host).matches()) {
      return Optional.of("refused: only by a name of this machine");
    }
    boolean ownPage = origin == null || origin.equals("http://" + host);
    boolean ownSite =
        secFetchSite == null || secFetchSite.equals("same-origin") || secFetchSite.equals("none");
    return ownPage && ownSite
        ? Optional.empty()
        : Optional.of("refused: not from a page of another site");
  }

  /** Responds with 403 to requests that are refused. */
  public static Filter filter() {
    return new Filter() {
      @Override
      public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        Optional<String> refusal =
            refusal(
                headers.getFirst("Host"),
                headers.getFirst("Origin"),
                headers.getFirst("Sec-Fetch-Site"));
        if (refusal.isEmpty()) {
          chain.doFilter(exchange);
          return;
        }
        try (exchange) {
          byte[] body = refusal.get().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
          exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
          exchange.sendResponseHeaders(403, body.length);
          exchange.getResponseBody().write(body);
        }
      }

      @Override
      public String description() {
        return "refuses requests of other sites' pages";
      }
    };
  }
}
