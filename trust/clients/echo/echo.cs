// .NET 10 and later run this file directly: `dotnet run echo.cs`. AOT and the audit are off,
// so nothing is downloaded; no compiler process stays.
#:property PublishAot=false
#:property NuGetAudit=false
#:property UseSharedCompilation=false
#:property ImplicitUsings=disable
#:property Nullable=disable
using System;
using System.Net.WebSockets;
using System.Text;
using System.Threading;

string url = args[1], text = args[2];
try
{
    using var socket = new ClientWebSocket();
    using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
    await socket.ConnectAsync(new Uri(url), limit.Token);
    var sent = new ArraySegment<byte>(Encoding.UTF8.GetBytes(text));
    await socket.SendAsync(sent, WebSocketMessageType.Text, true, limit.Token);
    var buffer = new ArraySegment<byte>(new byte[4096]);
    var received = await socket.ReceiveAsync(buffer, limit.Token);
    var echo = Encoding.UTF8.GetString(buffer.Array, 0, received.Count);
    if (echo != text) throw new Exception("the echo was not what was sent");
    Console.WriteLine(text);
    return 0;
}
catch (Exception error)
{
    // The innermost exception says what is wrong with a certificate.
    while (error.InnerException != null) error = error.InnerException;
    Console.Error.WriteLine(error.GetType().Name + ": " + error.Message);
    return 1;
}
