// Run in the machine: does a Java WebSocket, with its JVM's own keystore, echo at host:port?

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;

class Wss {
  static class Echo implements WebSocket.Listener {
    final CompletableFuture<String> heard = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.complete(data.toString());
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      heard.completeExceptionally(error);
    }
  }

  public static void main(String[] targets) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (String target : targets) {
      String words = "";
      try {
        Echo echo = new Echo();
        URI uri = URI.create("wss://" + target + "/ws");
        WebSocket socket = client.newWebSocketBuilder().buildAsync(uri, echo).get(10, TimeUnit.SECONDS);
        socket.sendText("from Java", true).get(10, TimeUnit.SECONDS);
        String heard = echo.heard.get(10, TimeUnit.SECONDS);
        if (!heard.equals("from Java")) throw new IllegalStateException("heard " + heard);
        socket.abort();
      } catch (ExecutionException error) {
        // Anything but the handshake is no answer to the question.
        Throwable cause = error;
        while (cause != null && !(cause instanceof SSLHandshakeException)) cause = cause.getCause();
        if (cause == null) throw error;
        words = cause.getMessage().replaceAll("[\"\\\\\\p{Cntrl}]", " ");
      }
      System.out.printf(
          "{\"target\": \"%s\", \"accepted\": %b, \"words\": \"%s\"}%n",
          target, words.isEmpty(), words);
    }
    System.exit(0); // the client's threads would linger
  }
}
