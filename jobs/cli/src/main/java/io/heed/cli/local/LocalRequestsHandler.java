package io.heed.cli.local;

import io.heed.preview.LocalRequests;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.shaded.netty4.io.netty.buffer.Unpooled;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFutureListener;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.DefaultFullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.FullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaders;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpServerCodec;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpVersion;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;

/**
 * Keeps pages of other sites away from Flink's REST interface, which takes a cancellation, an
 * upload or the end of the cluster from anybody. Flink finds the factory by the service loader.
 */
public final class LocalRequestsHandler extends ChannelInboundHandlerAdapter {
  private boolean refused;

  /** Flink's extension point for handlers of its REST interface. */
  public static final class Factory implements InboundChannelHandlerFactory {
    @Override
    public int priority() {
      return 0;
    }

    @Override
    public Optional<ChannelHandler> createHandler(
        Configuration configuration, Map<String, String> responseHeaders) {
      return Optional.of(new ToTheFront());
    }
  }

  /** Flink adds handlers behind the one that writes uploads to the disk, which is too late. */
  private static final class ToTheFront extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.pipeline()
          .addAfter(
              ctx.pipeline().context(HttpServerCodec.class).name(),
              null,
              new LocalRequestsHandler());
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!refused && message instanceof HttpRequest request) {
      HttpHeaders headers = request.headers();
      LocalRequests.refusal(
              headers.get(HttpHeaderNames.HOST),
              headers.get(HttpHeaderNames.ORIGIN),
              headers.get("Sec-Fetch-Site"))
          .ifPresent(reason -> refuse(ctx, reason));
    }
    if (refused) {
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the channel closes whatever becomes of it
  private void refuse(ChannelHandlerContext ctx, String reason) {
    refused = true;
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.FORBIDDEN,
            Unpooled.copiedBuffer(reason, StandardCharsets.UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
