// For .NET SDKs before 10: `dotnet fsi echo.fsx`, which compiles nothing to a file.
open System
open System.Net.WebSockets
open System.Text
open System.Threading

let url, text = fsi.CommandLineArgs.[2], fsi.CommandLineArgs.[3]

let rec innermost (error: exn) =
    if isNull error.InnerException then error else innermost error.InnerException

try
    use socket = new ClientWebSocket()
    use limit = new CancellationTokenSource(TimeSpan.FromSeconds(10.0))
    socket.ConnectAsync(Uri(url), limit.Token).Wait()
    let sent = ArraySegment<byte>(Encoding.UTF8.GetBytes(text: string))
    socket.SendAsync(sent, WebSocketMessageType.Text, true, limit.Token).Wait()
    let buffer = Array.zeroCreate<byte> 4096
    let received = socket.ReceiveAsync(ArraySegment<byte>(buffer), limit.Token).Result
    let echo = Encoding.UTF8.GetString(buffer, 0, received.Count)
    if echo <> text then failwith "the echo was not what was sent"
    printfn "%s" text
with error ->
    let inner = innermost error
    eprintfn "%s: %s" (inner.GetType().Name) inner.Message
    exit 1
