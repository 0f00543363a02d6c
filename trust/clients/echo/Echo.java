import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

public class Echo {
    public static void main(String[] arguments) {
        String url = arguments[1], text = arguments[2];
        CompletableFuture<String> echo = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                echo.complete(data.toString());
                return null;
            }
            @Override
            public void onError(WebSocket socket, Throwable error) {
                echo.completeExceptionally(error);
            }
        };
        try {
            HttpClient.newHttpClient().newWebSocketBuilder()
                .buildAsync(URI.create(url), listener).get(10, TimeUnit.SECONDS)
                .sendText(text, true).get(10, TimeUnit.SECONDS);
            System.out.println(echo.get(10, TimeUnit.SECONDS));
            System.exit(0);
        } catch (Throwable error) {
            while (error.getCause() != null) error = error.getCause();
            System.err.println(error);
            System.exit(1);
        }
    }
}
